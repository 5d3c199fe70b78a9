// The parts of bpmn-js that the studio asks for by name, as far as it uses them.

export interface Moddle {
  $type: string;
  $parent?: Moddle;
  id?: string;
  name?: string;
  $instanceOf(type: string): boolean;
  get(name: string): unknown;
}

export interface Element {
  id: string;
  type: string;
  businessObject: Moddle;
  parent?: Element;
  children?: Element[];
  incoming: Element[];
  outgoing: Element[];
  source?: Element;
  target?: Element;
  waypoints?: { x: number; y: number }[];
  labelTarget?: Element;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Values = Record<string, unknown>;

export interface Modeling {
  updateProperties(element: Element, values: Values): void;
  updateModdleProperties(element: Element, moddle: Moddle, values: Values): void;
  createShape(shape: Values, at: { x: number; y: number }, parent: Element): Element;
  appendShape(source: Element, shape: Values, at: { x: number; y: number }, parent: Element): Element;
  reconnectEnd(connection: Element, end: Element, docking: { x: number; y: number }): void;
  connect(source: Element, target: Element, values: Values): Element;
  layoutConnection(connection: Element): void;
  createSpace(moving: Element[], resizing: Element[], by: { x: number; y: number }, direction: string, from: number): void;
}

export interface Services {
  modeling: Modeling;
  moddle: { create(type: string, values?: Values): Moddle };
  canvas: {
    zoom(to: "fit-viewport" | number, center?: "auto"): number;
    zoom(): number;
    addMarker(element: string, marker: string): void;
    removeMarker(element: string, marker: string): void;
    getRootElement(): Element;
    scroll(by: { dx: number; dy: number }): void;
    viewbox(): { scale: number; inner: { width: number }; outer: { width: number } };
    setRootElement(root: Element): void;
    findRoot(element: Element): Element | undefined;
    scrollToElement(element: Element, padding: { top: number; left: number; right: number; bottom: number }): void;
  };
  elementRegistry: { get(id: string): Element | undefined; filter(which: (element: Element) => boolean): Element[] };
  elementFactory: { createShape(values: Values): Values };
  eventBus: { on(events: string | string[], heard: (event: Values) => void): void };
  selection: { get(): Element[]; select(element: Element | Element[]): void };
  commandStack: {
    undo(): void;
    redo(): void;
    canUndo(): boolean;
    canRedo(): boolean;
    register(name: string, handler: { preExecute(context: Values): void }): void;
    execute(name: string, context: Values): void;
  };
  spaceTool: {
    calculateAdjustments(
      elements: Element[],
      axis: "x",
      by: number,
      from: number,
    ): { movingShapes: Element[]; resizingShapes: Element[] };
  };
  editorActions: { trigger(name: string): void };
  toggleMode: { toggleMode(active?: boolean): void };
}

export interface Host {
  get<Name extends keyof Services>(name: Name): Services[Name];
  importXML(xml: string): Promise<unknown>;
  saveXML(options: { format: boolean }): Promise<{ xml?: string | undefined }>;
}

/** Whether an element is of a type or one that is derived from it. */
export const is = (moddle: Moddle | undefined, type: string): boolean => moddle?.$instanceOf(type) ?? false;

/** The nodes of the process: activities, events and gateways. Labels and drawings are none. */
export const isNode = (element: Element): boolean => is(element.businessObject, "bpmn:FlowNode") && !element.labelTarget;
