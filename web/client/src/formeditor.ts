// The editor of forms, limited to what our own pages can show and the engine can check. Below it the form stands as it
// will be shown, written by the server.
import "@bpmn-io/form-js-viewer/dist/assets/form-js.css";
import "@bpmn-io/form-js-editor/dist/assets/form-js-editor.css";
import "@bpmn-io/form-js-editor/dist/assets/dragula.css";
import "@bpmn-io/form-js-editor/dist/assets/properties-panel.css";
import "./styles/formeditor.css";
import { FormEditor } from "@bpmn-io/form-js-editor";
import htmx from "htmx.org";
import { find, t } from "./modeler/page";
import { reword } from "./studio/reword";
import { Writing } from "./studio/writing";

const SUPPORTED = new Set([
  "default", "textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "taglist", "datetime", "text", "group",
]); // prettier-ignore

interface Field {
  config: { name?: string; label?: string; create(given: Given, isNew?: boolean): Given };
}

interface Given {
  label?: string;
  values?: { label: string; value: string }[];
}

interface Edit {
  context: { formField: Given; properties: Given };
}

const PARTS = ".fjs-palette-container, .fjs-properties-container, .fjs-empty-editor, .fjs-empty-component";

const NEW_CHOICE = /^Value( \d+)?$/;

/** Takes the rest out of the palette, and calls what is left by its name in the reader's language. */
class Limits {
  static readonly $inject = ["formFields", "eventBus"];

  constructor(formFields: { _formFields: Record<string, Field> }, bus: { on(event: string, told: (edit: Edit) => void): void }) {
    bus.on("commandStack.formField.edit.preExecute", ({ context }) => Limits.nameChoice(context.formField, context.properties));
    const known = formFields._formFields;
    for (const [type, field] of Object.entries(known)) {
      if (!SUPPORTED.has(type)) delete known[type];
      else Limits.name(type, field.config);
    }
  }

  /** What a new field is called, and its first choice, until the person says otherwise. */
  private static name(type: string, config: Field["config"]): void {
    if (config.name) config.name = t(type === "number" ? "Number field" : config.name);
    if (config.label) config.label = t(type === "number" ? "Number field" : config.label);
    const create = config.create.bind(config);
    config.create = (given, isNew) => {
      const made = create(given, isNew);
      if (given.label === undefined && made.label === "Number") made.label = t("Number field");
      if (!given.values && made.values) made.values = made.values.map((each) => ({ ...each, label: t(each.label) }));
      return made;
    };
  }

  /** What a choice is called that was added, until the person says otherwise. */
  private static nameChoice(before: Given, after: Given): void {
    const added = after.values?.at(-1);
    if (!after.values || !added || after.values.length <= (before.values?.length ?? 0)) return;
    const label = added.label.replace(NEW_CHOICE, (_all, number?: string) => t("Value") + (number ?? ""));
    after.values = [...after.values.slice(0, -1), { ...added, label }];
  }
}

/** What the library composes, and what means something else here than in a decision table. */
function said(english: string): string {
  const what = /^Create an? (.+) element$/.exec(english)?.[1];
  if (what !== undefined) return t("Add the field {what}", { what });
  return t(english === "Input" ? "Input fields" : english);
}

async function begin(): Promise<void> {
  const container = find("form-editor");
  const writing = new Writing(async () => JSON.stringify(editor.saveSchema(), null, 2) + "\n", () => {
    htmx.trigger("#form-preview", "written", {});
  });
  const editor = new FormEditor({ container, additionalModules: [{ __init__: ["limits"], limits: ["type", Limits] }] });
  await editor.importSchema(JSON.parse(await writing.read()) as object);
  editor.on("changed", () => writing.changed());
  reword(container, PARTS, said);
  writing.opened();
}

begin().catch(() => {
  find("form-editor").textContent = find("form-editor").dataset["failed"] ?? "";
});
