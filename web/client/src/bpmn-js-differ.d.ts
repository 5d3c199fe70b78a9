// The package brings no types.
declare module "bpmn-js-differ" {
  interface Difference {
    _added: Record<string, unknown>;
    _removed: Record<string, unknown>;
    _changed: Record<string, unknown>;
    _layoutChanged: Record<string, unknown>;
  }

  export function diff(older: unknown, newer: unknown): Difference;
}
