// Our own words in diagrams (docs/bpmn.md), told to the reader and writer of BPMN, so that they are objects and not raw XML.

export const NAMESPACE = "urn:handslag:bpmn:1.0";

const attribute = (name: string) => ({ name, isAttr: true, type: "String" });
const element = (name: string, ...attributes: string[]) => ({
  name,
  superClass: ["Element"],
  meta: { allowedIn: ["*"] },
  properties: attributes.map(attribute),
});

export const descriptor = {
  name: "Handslag",
  uri: NAMESPACE,
  prefix: "handslag",
  xml: { tagAlias: "lowerCase" },
  types: [
    { name: "Process", extends: ["bpmn:Process"], properties: [attribute("versionTag")] },
    element("Performer", "role", "body", "organization"),
    element("Form", "ref"),
    element("Operation", "name"),
    element("Due", "date"),
    element("Decision", "ref", "result"),
    element("Call", "binding", "versionTag", "inputs", "outputs"),
    element("Input", "name", "value", "label"),
    element("Output", "name", "value"),
    element("Correlation", "name", "value"),
    element("Loop", "collection", "element", "output", "outputElement"),
  ],
  enumerations: [],
  associations: [],
};
