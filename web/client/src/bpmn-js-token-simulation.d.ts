declare module "bpmn-js-token-simulation/lib/viewer" {
  const module: unknown;
  export default module;
}
