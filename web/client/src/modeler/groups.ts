// What the panel asks about each kind of element, in the words of those who own the process.
import { chosenOrExpression, choice, expression, rows, text, tick } from "./fields";
import type { Moddle } from "./host";
import { is } from "./host";
import { type Choice, make, page, t } from "./page";
import type { Assigned, Properties } from "./properties";

export type Group = [title: string, fields: HTMLElement[]];

const NODE_ID = /^[A-Za-z_][\w.-]*$/;

/** Every group that has something to ask about an element. */
export function groups(properties: Properties, taken: (id: string) => boolean): Group[] {
  const all: Group[] = [
    [t("What it is"), identity(properties, taken)],
    [t("Who does it"), performer(properties)],
    [t("What is done"), work(properties)],
    [t("By when"), due(properties)],
    [t("What it waits for or sends"), event(properties)],
    [t("When this way is taken"), condition(properties)],
    [t("How often"), loop(properties)],
    [t("Data"), data(properties)],
  ];
  return all.filter(([, fields]) => fields.length);
}

function identity(p: Properties, taken: (id: string) => boolean): HTMLElement[] {
  const subject = p.subject;
  const setId = (id: string) => {
    if (NODE_ID.test(id) && !taken(id)) p.set({ id });
  };
  const found = [
    text({ name: "name", label: t("Name"), value: p.text("name"), set: (name) => p.set({ name: name || undefined }) }),
    text({
      name: "documentation",
      label: t("Documentation"),
      help: t("What one should know to do this step: rules, advice, where to look."),
      value: p.documentation,
      long: true,
      set: (written) => (p.documentation = written),
    }),
    text({
      name: "id",
      label: t("Id"),
      help: t("The name inside the file, for scenarios and statistics. Letters, digits and underscores; each only once."),
      value: p.text("id"),
      set: setId,
    }),
  ];
  if (!is(subject, "bpmn:Process")) return found;
  const tag = p.text("handslag:versionTag");
  return [
    ...found,
    text({
      name: "version-tag",
      label: t("Version's name"),
      help: t("For example 2026-1. Processes that call this one can ask for just that version."),
      value: tag,
      set: (value) => p.set({ "handslag:versionTag": value || undefined }),
    }),
    tick({
      name: "executable",
      label: t("Can be run"),
      value: subject.get("isExecutable") === true,
      set: (isExecutable) => p.set({ isExecutable }),
    }),
  ];
}

function performer(p: Properties): HTMLElement[] {
  const subject = p.subject;
  if (!["bpmn:Lane", "bpmn:UserTask", "bpmn:ManualTask"].includes(subject.$type)) return [];
  const held = { role: "", body: "", organization: "", ...p.own("performer") };
  const say = (changed: Partial<typeof held>) => p.say("performer", { ...held, ...changed });
  const isLane = subject.$type === "bpmn:Lane";
  const choose = (role: string) => {
    const lane = p.lane?.businessObject;
    const place = held.body || held.organization || !lane ? {} : pick(p.own("performer", lane));
    p.say("performer", role ? { ...held, ...place, role } : {});
  };
  return [
    ...chosenOrExpression({
      name: "role",
      label: t("Role"),
      help: isLane ? t("Does every step in this lane that says nothing else.") : t("Leave it out where the lane says who."),
      none: isLane ? t("Nobody in particular") : t("As the lane says"),
      value: held.role,
      choices: page.choices.roles,
      set: choose,
    }),
    ...(held.role ? place(held, say) : []),
  ];
}

/** Where one does it; the role is chosen apart. */
function pick(performer: Record<string, string> | undefined): { body: string; organization: string } {
  return { body: performer?.["body"] ?? "", organization: performer?.["organization"] ?? "" };
}

function place(
  held: { body: string; organization: string },
  say: (changed: { body?: string; organization?: string }) => void,
): HTMLElement[] {
  return [
    ...chosenOrExpression({
      name: "body",
      label: t("Body"),
      help: t("The body in which one has the role. Without a body or an organisation nobody can do the step."),
      none: t("None"),
      value: held.body,
      choices: page.choices.bodies,
      set: (body) => say({ body }),
    }),
    text({
      name: "organization",
      label: t("Organisation"),
      help: t("Instead of a body: the administration of a municipality or other organisation, for example =municipality."),
      value: held.organization,
      set: (organization) => say({ organization }),
    }),
  ];
}

function work(p: Properties): HTMLElement[] {
  const kind = p.subject.$type;
  const found: HTMLElement[] = [];
  const isPlainStart = kind === "bpmn:StartEvent" && !p.event;
  if (kind === "bpmn:UserTask" || isPlainStart) found.push(form(p));
  if (["bpmn:UserTask", "bpmn:ServiceTask", "bpmn:ScriptTask", "bpmn:SendTask"].includes(kind)) {
    found.push(operation(p, kind === "bpmn:UserTask"));
  }
  if (kind === "bpmn:BusinessRuleTask") found.push(...decision(p));
  if (kind === "bpmn:CallActivity") found.push(...call(p));
  return found;
}

function form(p: Properties): HTMLElement {
  const made = choice({
    name: "form",
    label: t("Form"),
    help: t("What is filled in. Its fields become data of the case."),
    none: t("No form"),
    value: p.own("form")?.["ref"] ?? "",
    choices: page.choices.forms,
    set: (ref) => p.say("form", { ref }),
  });
  if (page.addresses.form) made.append(make("a", { class: "ds-link", href: page.addresses.form, target: "_blank" }, t("Make a new form")));
  return made;
}

function operation(p: Properties, takesForm: boolean): HTMLElement {
  return choice({
    name: "operation",
    label: t("Operation"),
    help: takesForm ? t("What the system does with what was filled in.") : t("What the system does here."),
    none: t("None"),
    value: p.own("operation")?.["name"] ?? "",
    choices: page.choices.operations,
    set: (name) => p.say("operation", { name }),
  });
}

function decision(p: Properties): HTMLElement[] {
  const held = { ref: "", result: "", ...p.own("decision") };
  return [
    choice({
      name: "decision",
      label: t("Decision table"),
      none: t("None"),
      value: held.ref,
      choices: page.choices.decisions,
      set: (ref) => p.say("decision", ref ? { ...held, ref } : {}),
    }),
    text({
      name: "result",
      label: t("The answer is kept as"),
      value: held.result,
      set: (result) => p.say("decision", { ...held, result }),
    }),
  ];
}

function call(p: Properties): HTMLElement[] {
  const held = { binding: "latest", versionTag: "", inputs: "", outputs: "", ...p.own("call") };
  const say = (changed: Partial<typeof held>) => p.say("call", { ...held, ...changed });
  const bindings: Choice[] = [
    { key: "latest", label: t("The newest") },
    { key: "deployment", label: t("The newest when this process was put in use") },
    { key: "versionTag", label: t("One with a certain name") },
  ];
  const found = [
    choice({
      name: "called",
      label: t("Process that is called"),
      none: t("None"),
      value: p.text("calledElement"),
      choices: page.choices.processes,
      set: (calledElement) => p.set({ calledElement: calledElement || undefined }),
    }),
    choice({ name: "binding", label: t("Which version"), value: held.binding || "latest", choices: bindings, set: (binding) => say({ binding, versionTag: "" }) }),
  ];
  if (held.binding === "versionTag") {
    found.push(text({ name: "bound", label: t("Version's name"), value: held.versionTag, set: (versionTag) => say({ versionTag }) }));
  }
  return [
    ...found,
    tick({ name: "all-in", label: t("Give it all data"), value: held.inputs === "all", set: (all) => say({ inputs: all ? "all" : "" }) }),
    tick({ name: "all-out", label: t("Take all its data back"), value: held.outputs === "all", set: (all) => say({ outputs: all ? "all" : "" }) }),
  ];
}

const OF_CASE = /^=\s*deadline\("(\w+)"\)$/;
const WORKING_DAYS = /^=\s*working days after\(today\(\),\s*(\d+)\)$/;

function due(p: Properties): HTMLElement[] {
  if (!["bpmn:UserTask", "bpmn:ManualTask"].includes(p.subject.$type)) return [];
  const date = p.own("due")?.["date"] ?? "";
  const kind = OF_CASE.exec(date)?.[1];
  const days = WORKING_DAYS.exec(date)?.[1];
  const say = (written: string) => p.say("due", { date: written });
  const sources: Choice[] = [
    { key: "days", label: t("A number of working days after the step begins") },
    ...page.choices.deadlines.map((each) => ({ key: each.key, label: t("Deadline of the case: {name}", { name: each.label }) })),
    { key: "=", label: t("Worked out by an expression") },
  ];
  const first = choice({
    name: "due",
    label: t("Deadline"),
    none: t("None"),
    value: kind ?? (days ? "days" : date ? "=" : ""),
    choices: sources,
    set: (chosen) => {
      const written: Record<string, string> = { "": "", days: "=working days after(today(), 5)", "=": "=today()" };
      say(written[chosen] ?? `=deadline("${chosen}")`);
    },
  });
  if (days) {
    const set = (value: string) => /^\d{1,3}$/.test(value) && say(`=working days after(today(), ${value})`);
    return [first, text({ name: "due-days", label: t("Working days"), value: days, set })];
  }
  if (!date || kind) return [first];
  return [first, expression({ name: "due-expression", label: t("Expression"), help: t("Gives a date, for example working days before(deadline(\"reply_by\"), 3)."), value: date, set: say })];
}

function event(p: Properties): HTMLElement[] {
  const kind = p.subject.$type;
  if (kind === "bpmn:ReceiveTask" || kind === "bpmn:SendTask") return message(p, p.subject);
  const held = p.event;
  switch (held?.$type) {
    case "bpmn:MessageEventDefinition":
      return message(p, held);
    case "bpmn:SignalEventDefinition":
      return [named(p, held, "signalRef", "bpmn:Signal", t("Signal"), t("Everybody who waits for it hears it."))];
    case "bpmn:ErrorEventDefinition":
      return [named(p, held, "errorRef", "bpmn:Error", t("Error"), t("Its code, for example NoSlot."))];
    case "bpmn:EscalationEventDefinition":
      return [named(p, held, "escalationRef", "bpmn:Escalation", t("Escalation"))];
    case "bpmn:TimerEventDefinition":
      return timer(p, held);
    case "bpmn:ConditionalEventDefinition":
      return [expression({ name: "condition", label: t("Condition"), help: t("The event happens when this becomes true."), value: p.expression("condition", held), set: (written) => p.setExpression("condition", written, held) })];
    default:
      return [];
  }
}

function message(p: Properties, holder: Moddle): HTMLElement[] {
  return [
    named(p, holder, "messageRef", "bpmn:Message", t("Message"), t("Choose one that the process knows, or write a new name.")),
    rows({
      name: "correlation",
      label: t("Found by"),
      help: t("Keys that say for whom a message is, for example case_id."),
      value: p.every("correlation"),
      set: (every) => p.sayAll("correlation", every),
    }),
  ];
}

function named(p: Properties, holder: Moddle, attribute: string, type: string, label: string, help?: string): HTMLElement {
  const known = p.roots(type).flatMap((each) => (each.name ? [{ key: each.name, label: each.name }] : []));
  const value = (holder.get(attribute) as Moddle | undefined)?.name ?? "";
  const set = (name: string) => p.refer(holder, attribute, type, name);
  return text({ name: "refers", label, value, choices: known, set, ...(help ? { help } : {}) });
}

const TIMERS = ["timeDate", "timeDuration", "timeCycle"] as const;

function timer(p: Properties, held: Moddle): HTMLElement[] {
  const kind = TIMERS.find((each) => held.get(each)) ?? "timeDuration";
  const value = p.expression(kind, held);
  const kinds: Choice[] = [
    { key: "timeDate", label: t("On a day or at a moment") },
    { key: "timeDuration", label: t("After a time") },
    { key: "timeCycle", label: t("Again and again") },
  ];
  const help = {
    timeDate: t("A date or an expression that gives one, for example working days after(today(), 5)."),
    timeDuration: t("For example P14D (14 days) or PT2H (two hours)."),
    timeCycle: t("For example R3/P7D: three times, every seven days."),
  }[kind];
  const write = (chosen: string, written: string) => {
    const made = p.child(held, "bpmn:FormalExpression", { body: written });
    p.set(Object.fromEntries(TIMERS.map((each) => [each, each === chosen ? made : undefined])), held);
  };
  return [
    choice({ name: "timer", label: t("When"), value: kind, choices: kinds, set: (chosen) => write(chosen, value) }),
    text({ name: "timer-value", label: t("Time"), help, value, set: (written) => write(kind, written) }),
  ];
}

function condition(p: Properties): HTMLElement[] {
  if (p.subject.$type !== "bpmn:SequenceFlow") return [];
  const source = p.subject.get("sourceRef") as Moddle | undefined;
  if (!is(source, "bpmn:ExclusiveGateway") && !is(source, "bpmn:InclusiveGateway") && !is(source, "bpmn:Activity")) return [];
  const isDefault = source?.get("default") === p.subject;
  const found = [
    tick({ name: "default", label: t("Taken when no other way is"), value: isDefault, set: (chosen) => p.set({ default: chosen ? p.subject : undefined }, source) }),
  ];
  if (isDefault) return found;
  const asked = { name: "condition", label: t("Condition"), help: t("An expression that is true or false, for example importance = 3 or route = \"samrad\".") };
  return [...found, expression({ ...asked, value: p.expression("conditionExpression"), set: (written) => p.setExpression("conditionExpression", written) })];
}

function loop(p: Properties): HTMLElement[] {
  const held = p.loop;
  if (held?.$type !== "bpmn:MultiInstanceLoopCharacteristics") return [];
  const own = { collection: "", element: "", output: "", outputElement: "", ...p.own("loop", held) };
  const say = (changed: Partial<typeof own>) => p.say("loop", { ...own, ...changed }, held);
  return [
    expression({ name: "collection", label: t("Once for each in the list"), value: own.collection, set: (collection) => say({ collection }) }),
    text({ name: "element", label: t("Each is called"), value: own.element, set: (element) => say({ element }) }),
    text({ name: "output", label: t("The answers are gathered as"), value: own.output, set: (output) => say({ output }) }),
    expression({ name: "output-element", label: t("What each gives"), value: own.outputElement, set: (outputElement) => say({ outputElement }) }),
    expression({ name: "completion", label: t("Ends early when"), value: p.expression("completionCondition", held), set: (written) => p.setExpression("completionCondition", written, held) }),
  ];
}

function data(p: Properties): HTMLElement[] {
  const kind = p.subject.$type;
  const isActivity = is(p.subject, "bpmn:Activity");
  const throws = kind === "bpmn:EndEvent" || kind === "bpmn:IntermediateThrowEvent";
  const found = [];
  if (isActivity || throws) {
    const help = throws ? t("What is sent along.") : t("What the step is given, under names of its own.");
    const shown = is(p.subject, "bpmn:UserTask") ? { shown: t("Shown to people as (nothing: not shown)") } : {};
    const set = (every: Assigned[]) => p.sayAll("input", every.map(({ label, ...each }) => (label ? { ...each, label } : each)));
    found.push(rows({ name: "input", label: t("In"), help, value: p.every("input"), ...shown, set }));
  }
  if (isActivity || is(p.subject, "bpmn:CatchEvent")) {
    const help = t("What is kept of the result. Where nothing is written, all of it is.");
    found.push(rows({ name: "output", label: t("Out"), help, value: p.every("output"), set: (every) => p.sayAll("output", every) }));
  }
  return found;
}
