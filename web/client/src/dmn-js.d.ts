// The package brings no types; these are of what the editor of tables uses.
declare module "dmn-js/lib/Modeler" {
  export default class Modeler {
    constructor(options: Record<string, unknown>);
    importXML(xml: string): Promise<unknown>;
    saveXML(options: { format: boolean }): Promise<{ xml?: string }>;
    getViews(): unknown[];
    getActiveView(): unknown;
    getActiveViewer(): unknown;
    open(view: unknown): Promise<unknown>;
    on(event: string, call: () => void): void;
  }
}
