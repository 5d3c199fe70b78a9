// What the kinds of elements are called.
import type { Moddle } from "./host";
import { t } from "./page";

/** As the modeler's own menus call it: "User task", "Timer boundary event". */
export function kindOf(moddle: Moddle): string {
  const plain = spaced(moddle.$type.replace("bpmn:", ""));
  const event = (moddle.$type.endsWith("Event") && (moddle.get("eventDefinitions") as Moddle[] | undefined)?.[0]) || undefined;
  const trigger = event ? spaced(event.$type.replace("bpmn:", "").replace("EventDefinition", "")) : "";
  return t(trigger ? `${trigger} ${plain.toLowerCase()}` : plain);
}

const SPELLED: Record<string, string> = {
  "Sub process": "Sub-process",
  "Ad hoc sub process": "Ad-hoc sub-process",
  "Event based gateway": "Event-based gateway",
  Compensate: "Compensation",
};

function spaced(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  const found = words.charAt(0).toUpperCase() + words.slice(1);
  return SPELLED[found] ?? found;
}
