import type { Terminal } from "@xterm/xterm";

/**
 * xterm.js writes style elements and style attributes, which our content security policy refuses. The same text goes
 * where scripts may put it: into sheets that the document adopts, and into the style objects of elements.
 */
export interface StrictStyles {
  /** In place of the document, for xterm.js. */
  document: Document;
  /** Opens the terminal, some parts of which ask the real document all the same. */
  open(terminal: Terminal, parent: HTMLElement): void;
  /** Takes the sheets away again. */
  dispose(): void;
}

export function strictStyles(real: Document): StrictStyles {
  const sheets = new Set<CSSStyleSheet>();
  const create = real.createElement.bind(real);

  function styleElement(): HTMLElement {
    const sheet = new CSSStyleSheet();
    sheets.add(sheet);
    real.adoptedStyleSheets = [...real.adoptedStyleSheets, sheet];
    const element = create("span");
    element.hidden = true;
    Object.defineProperty(element, "textContent", { set: (text: string) => sheet.replaceSync(text) });
    element.remove = () => {
      drop([sheet]);
      HTMLElement.prototype.remove.call(element);
    };
    return element;
  }

  function drop(gone: Iterable<CSSStyleSheet>) {
    const all = new Set(gone);
    for (const sheet of all) sheets.delete(sheet);
    real.adoptedStyleSheets = real.adoptedStyleSheets.filter((sheet) => !all.has(sheet));
  }

  function createElement(name: string): HTMLElement {
    return name === "style" ? styleElement() : create(name);
  }

  const override = new Proxy(real, {
    get(target, name) {
      if (name === "createElement") return createElement;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });

  return {
    document: override,
    open(terminal, parent) {
      real.createElement = createElement as Document["createElement"];
      try {
        terminal.open(parent);
      } finally {
        // What the prototype has is there again.
        Reflect.deleteProperty(real, "createElement");
      }
      styleByObject(terminal);
    },
    dispose: () => drop(sheets),
  };
}

/** Of xterm.js's inside, what makes colours beyond the sixteen. The walk in e2e fails if it is called otherwise one day. */
interface Inside {
  _core?: {
    _renderService?: {
      _renderer?: { value?: { _rowFactory?: { _addStyle(element: HTMLElement, style: string): void } } };
    };
  };
}

function styleByObject(terminal: Terminal) {
  const rows = (terminal as Inside)._core?._renderService?._renderer?.value?._rowFactory;
  if (!rows) return;
  rows._addStyle = (element, style) => {
    element.style.cssText += `${style};`;
  };
}
