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
import { Writing } from "./studio/writing";

const SUPPORTED = new Set([
  "default", "textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "taglist", "datetime", "text", "group",
]); // prettier-ignore

interface Field {
  config: { name?: string };
}

/** Takes the rest out of the palette, and calls what is left by its name in the reader's language. */
class Limits {
  static readonly $inject = ["formFields"];

  constructor(formFields: { _formFields: Record<string, Field> }) {
    const known = formFields._formFields;
    for (const [type, field] of Object.entries(known)) {
      if (!SUPPORTED.has(type)) delete known[type];
      else if (field.config.name) field.config.name = t(type === "number" ? "Number field" : field.config.name);
    }
  }
}

async function begin(): Promise<void> {
  const container = find("form-editor");
  const writing = new Writing(async () => JSON.stringify(editor.saveSchema(), null, 2) + "\n", () => {
    htmx.trigger("#form-preview", "written", {});
  });
  const editor = new FormEditor({ container, additionalModules: [{ __init__: ["limits"], limits: ["type", Limits] }] });
  await editor.importSchema(JSON.parse(await writing.read()) as object);
  editor.on("changed", () => writing.changed());
  writing.opened();
}

begin().catch(() => {
  find("form-editor").textContent = find("form-editor").dataset["failed"] ?? "";
});
