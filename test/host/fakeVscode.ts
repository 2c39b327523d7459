/** What of `vscode` the host's modules use at run time, as far as it shows something or answers. */

interface Shown {
  readonly surface: string;
  readonly text: string;
}

/** What was shown, and how the next questions are answered. */
export const editor = {
  shown: [] as Shown[],
  /** Of a picker the item whose `value` fits, of a notification the button. */
  answers: [] as ((choices: readonly unknown[]) => unknown)[],
  texts: [] as (string | undefined)[],
  files: [] as (readonly Uri[])[],
  configuration: {} as Record<string, unknown>,
  /** What was registered or opened, for a test to play the editor's part. */
  commands: new Map<string, (...args: readonly unknown[]) => unknown>(),
  receive: undefined as ((message: unknown) => void) | undefined,
  clipboard: [] as string[],
  /** Language models that the editor has. */
  models: [] as unknown[],
  tools: new Map<
    string,
    { invoke: (call: { readonly input: object }) => Promise<{ readonly parts: readonly { readonly value: string }[] }> }
  >(),
  servers: undefined as (() => Promise<readonly FakeServer[]>) | undefined,
};

function show(surface: string, ...texts: unknown[]): void {
  for (const text of texts) if (typeof text === 'string') editor.shown.push({ surface, text });
}

const answer = (choices: readonly unknown[]): Promise<unknown> =>
  Promise.resolve(editor.answers.shift()?.(choices) ?? undefined);

type Item = Readonly<Record<string, unknown>>;

const showItems = (items: readonly Item[]): void =>
  items.forEach((item) => show('quick pick', item['label'], item['description'], item['detail']));

function showMessage(message: string, ...rest: unknown[]): Promise<unknown> {
  const [options, ...choices] = typeof rest[0] === 'object' ? rest : [undefined, ...rest];
  show('notification', message, ...choices);
  show('modal', (options as Item | undefined)?.['detail']);
  return answer(choices);
}

class Watched {
  constructor(kind: string) {
    return new Proxy(this, {
      set: (target, name, value: unknown) => {
        show(`${kind} ${String(name)}`, value);
        return Reflect.set(target, name, value);
      },
    });
  }
  show(): void {}
  hide(): void {}
  dispose(): void {}
}

export const window = {
  showInformationMessage: showMessage,
  showWarningMessage: showMessage,
  showErrorMessage: showMessage,
  showQuickPick: async (items: readonly Item[] | Promise<readonly Item[]>, options: Item) => {
    show('quick pick', options['title'], options['placeHolder']);
    showItems(await items);
    return await answer(await items);
  },
  showInputBox: (options: Item) => {
    show('input box', options['title'], options['prompt'], options['placeHolder'], options['value']);
    return Promise.resolve(editor.texts.shift());
  },
  showOpenDialog: () => Promise.resolve(editor.files.shift()),
  showSaveDialog: () => Promise.resolve(editor.files.shift()?.[0]),
  showTextDocument: () => Promise.resolve({}),
  createStatusBarItem: () => new Watched('status bar'),
  activeTextEditor: undefined,
  registerWebviewPanelSerializer: () => new Disposable(),
  createWebviewPanel: () => ({
    visible: true,
    reveal: () => undefined,
    onDidChangeViewState: () => new Disposable(),
    onDidDispose: () => new Disposable(),
    webview: {
      asWebviewUri: (uri: Uri) => uri.fsPath,
      postMessage: () => Promise.resolve(true),
      onDidReceiveMessage: (listener: (message: unknown) => void) => {
        editor.receive = listener;
        return new Disposable();
      },
    },
  }),
};

export const workspace = {
  isTrusted: true,
  workspaceFolders: [] as { readonly name: string; readonly uri: Uri }[],
  getConfiguration: () => ({ inspect: (name: string) => ({ globalValue: editor.configuration[name] }) }),
  onDidGrantWorkspaceTrust: () => new Disposable(),
  openTextDocument: () => Promise.resolve({ getText: () => '' }),
  fs: { writeFile: () => Promise.reject(new Error(editor.texts.shift())) },
};

export const commands = {
  executeCommand: (name: string, ...args: readonly unknown[]) => Promise.resolve(editor.commands.get(name)?.(...args)),
  getCommands: () => Promise.resolve([...editor.commands.keys()]),
  registerCommand: (name: string, handler: (...args: readonly unknown[]) => unknown) => {
    editor.commands.set(name, handler);
    return new Disposable();
  },
};
export interface FakeServer {
  readonly command: string;
  readonly args: readonly string[];
}

export class McpStdioServerDefinition implements FakeServer {
  readonly command: string;
  readonly args: readonly string[];
  constructor(_label: string, command: string, args: readonly string[]) {
    this.command = command;
    this.args = args;
  }
}
export class LanguageModelTextPart {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}
export class LanguageModelToolResult {
  readonly parts: readonly LanguageModelTextPart[];
  constructor(parts: readonly LanguageModelTextPart[]) {
    this.parts = parts;
  }
}
export const lm = {
  registerTool: (name: string, tool: never) => {
    editor.tools.set(name, tool);
    return new Disposable();
  },
  registerMcpServerDefinitionProvider: (
    _id: string,
    provider: {
      readonly provideMcpServerDefinitions: () => readonly FakeServer[];
      readonly resolveMcpServerDefinition: (server: FakeServer) => Promise<FakeServer>;
    },
  ) => {
    editor.servers = () => Promise.all(provider.provideMcpServerDefinitions().map(provider.resolveMcpServerDefinition));
    return new Disposable();
  },
  selectChatModels: () => Promise.resolve(editor.models),
};
export const env = {
  remoteName: 'rig',
  uiKind: 2,
  uriScheme: 'vscode',
  clipboard: { writeText: (text: string) => Promise.resolve(void editor.clipboard.push(text)) },
};
export const ViewColumn = { Active: -1 };
export const version = '1.0.0';
export const UIKind = { Desktop: 1, Web: 2 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };

export class ThemeIcon {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}
export { ThemeIcon as ThemeColor };

export class Uri {
  readonly fsPath: string;
  readonly scheme = 'file';
  constructor(fsPath: string) {
    this.fsPath = fsPath;
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  static from({ path }: { readonly path: string }): Uri {
    return new Uri(path);
  }
  static joinPath(base: Uri, name: string): Uri {
    return new Uri(`${base.fsPath}/${name}`);
  }
}

export class TreeItem extends Watched {
  label: string | undefined;
  constructor(label: string) {
    super('tree');
    this.label = label;
  }
}

export class Disposable {
  static from(...parts: readonly { readonly dispose: () => void }[]): Disposable {
    return { dispose: () => parts.forEach((part) => part.dispose()) };
  }
  dispose(): void {}
}

export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };
