// A new step on the way that goes out from an element, by a plain form: the same as drawing it, for those who do not draw.
import { choice, text } from "./fields";
import type { Element, Host, Values } from "./host";
import { find, make, t } from "./page";
import { identifier } from "./properties";

const COMMAND = "handslag.insertStep";
const GAP = 60;
const WIDTH = 100;

/** Let the modeler know the command; it is one step of undo, whatever it moves. */
export function registerInsert(host: Host): void {
  host.get("commandStack").register(COMMAND, {
    preExecute: (context) => insert(host, context),
  });
}

const KINDS = ["UserTask", "ServiceTask", "BusinessRuleTask", "CallActivity", "ManualTask", "SendTask", "ReceiveTask", "ExclusiveGateway", "ParallelGateway", "IntermediateCatchEvent", "EndEvent"];
const LABELS: Record<string, string> = {
  UserTask: "User task",
  ServiceTask: "Service task",
  BusinessRuleTask: "Business rule task",
  CallActivity: "Call activity",
  ManualTask: "Manual task",
  SendTask: "Send task",
  ReceiveTask: "Receive task",
  ExclusiveGateway: "Exclusive gateway",
  ParallelGateway: "Parallel gateway",
  IntermediateCatchEvent: "Timer intermediate catch event",
  EndEvent: "End event",
};

export function insertForm(host: Host, after: Element): HTMLElement {
  const wanted = { name: "", kind: "UserTask" };
  const name = text({ name: "new-name", label: t("What the step is called"), value: "", set: (value) => (wanted.name = value) });
  const kinds = KINDS.map((key) => ({ key, label: t(LABELS[key] ?? key) }));
  const kind = choice({ name: "new-kind", label: t("Kind"), value: wanted.kind, choices: kinds, set: (value) => (wanted.kind = value) });
  const form = make("form", { class: "stack" }, name, kind, make("div", {}, make("button", { class: "ds-button", "data-variant": "secondary" }, t("Insert"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = find<HTMLInputElement>("panel-new-name");
    wanted.name = input.value.trim();
    input.value = "";
    const context: Values = { ...wanted, after };
    host.get("commandStack").execute(COMMAND, context);
    host.get("selection").select(context["made"] as Element);
    requestAnimationFrame(() => requestAnimationFrame(() => find("panel-name").focus()));
  });
  return form;
}

function insert(host: Host, context: Values): void {
  const modeling = host.get("modeling");
  const { name, kind, after } = context as { name: string; kind: string; after: Element };
  const flow = after.waypoints ? after : onlyFlow(after);
  const source = flow?.source ?? after;
  const isTimer = kind === "IntermediateCatchEvent";
  const shape = host.get("elementFactory").createShape({
    type: `bpmn:${kind}`,
    ...(isTimer ? { eventDefinitionType: "bpmn:TimerEventDefinition" } : {}),
  });
  const at = { x: source.x + source.width + GAP + WIDTH / 2, y: source.y + source.height / 2 };
  const target = flow?.target;
  if (target && target.x > source.x && target.x < at.x + WIDTH / 2 + GAP) makeRoom(host, source);
  const made = flow ? modeling.createShape(shape, at, source.parent as Element) : modeling.appendShape(source, shape, at, source.parent as Element);
  if (flow && target) {
    modeling.reconnectEnd(flow, made, at); // the condition of the way stays where it is decided
    if (kind !== "EndEvent") modeling.connect(made, target, { type: "bpmn:SequenceFlow" });
    modeling.layoutConnection(flow);
  }
  const id = identifier(name);
  if (name) modeling.updateProperties(made, { name, ...(host.get("elementRegistry").get(id) ? {} : { id }) });
  context["made"] = made;
}

function onlyFlow(element: Element): Element | undefined {
  const flows = element.outgoing.filter((each) => each.type === "bpmn:SequenceFlow");
  return flows.length === 1 ? flows[0] : undefined;
}

/** Move what stands to the right of an element further right. */
function makeRoom(host: Host, source: Element): void {
  const from = source.x + source.width + GAP / 2;
  const by = WIDTH + GAP;
  const every = host.get("elementRegistry").filter((each) => each.parent !== undefined);
  const { movingShapes, resizingShapes } = host.get("spaceTool").calculateAdjustments(every, "x", by, from);
  host.get("modeling").createSpace(movingShapes, resizingShapes, { x: by, y: 0 }, "e", from);
}
