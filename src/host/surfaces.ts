import {
  StatusBarAlignment,
  ThemeColor,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  type Disposable,
  type QuickPickItem,
  type TreeView,
} from 'vscode';
import { plainText } from '../core/words/displayText.ts';

/**
 * The one way to the editor's own surfaces: notifications, dialogs, pickers, input boxes, tree rows with their tooltips,
 * the status bar. Text of a log, a file's name or a program's last words may be part of anything that is shown, and VS Code
 * runs the `command:` links and draws the icons that it finds there: here, and nowhere else, all of it becomes plain text.
 * `test/architecture.test.ts` finds every other way.
 */

export type Tone = 'info' | 'warning' | 'error';

/** Shows a notification; resolves with the answer, if the person gives any. */
export async function notify<A extends string>(tone: Tone, message: string, ...answers: A[]): Promise<A | undefined> {
  const text = plainText(message);
  if (tone === 'error') return await window.showErrorMessage(text, ...answers);
  if (tone === 'warning') return await window.showWarningMessage(text, ...answers);
  return await window.showInformationMessage(text, ...answers);
}

/** Shows it and goes on. */
export function tell(message: string): void {
  void notify('info', message);
}

export interface Confirmation {
  readonly question: string;
  /** What is agreed to, a line each. */
  readonly lines: readonly string[];
  readonly answer: string;
}

/** Asks in a dialog before something is done that cannot be undone. */
export async function confirm({ question, lines, answer }: Confirmation): Promise<boolean> {
  const detail = lines.map((line) => plainText(line)).join('\n');
  return (await window.showWarningMessage(plainText(question), { modal: true, detail }, answer)) === answer;
}

/** One of the things to choose from. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** The name of one of VS Code's icons, before the label. */
  readonly icon?: string;
  readonly description?: string;
  readonly detail?: string;
}

export interface Picking {
  readonly title: string;
  readonly placeHolder?: string;
}

type Item<T> = QuickPickItem & { readonly value: T };

function itemOf<T>({ value, label, icon, description, detail }: Choice<T>): Item<T> {
  return {
    value,
    label: withIcon(icon, label),
    ...(description !== undefined && { description: plainText(description) }),
    ...(detail !== undefined && { detail: plainText(detail) }),
  };
}

/** A panel that has just loaded takes the focus, which must not take a question away; Escape does. */
const LISTED = { matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true } as const;

export async function pick<T>(
  choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>,
  picking: Picking,
): Promise<T | undefined> {
  const items = Promise.resolve(choices).then((all) => all.map(itemOf));
  return (await window.showQuickPick(items, { ...picking, ...LISTED }))?.value;
}

export async function pickSeveral<T>(choices: readonly Choice<T>[], picking: Picking): Promise<readonly T[]> {
  const chosen = await window.showQuickPick(choices.map(itemOf), { ...picking, ...LISTED, canPickMany: true });
  return (chosen ?? []).map(({ value }) => value);
}

export interface PickingOrTyping<T> extends Picking {
  readonly text: string;
  readonly active: T;
}

/** One box for both: what is typed hides no choice. */
export async function pickAndType<T>(
  choices: readonly Choice<T>[],
  { title, placeHolder, text, active }: PickingOrTyping<T>,
): Promise<{ readonly value: T | undefined; readonly text: string } | undefined> {
  const box = window.createQuickPick<Item<T>>();
  box.title = title;
  box.placeholder = placeHolder;
  box.ignoreFocusOut = LISTED.ignoreFocusOut;
  box.value = text;
  box.items = choices.map((choice) => ({ ...itemOf(choice), alwaysShow: true }));
  box.activeItems = box.items.filter(({ value }) => value === active);
  const chosen = new Promise<{ value: T | undefined; text: string } | undefined>((resolve) => {
    box.onDidAccept(() => {
      resolve({ value: box.activeItems[0]?.value, text: box.value.trim() });
      box.hide();
    });
    box.onDidHide(() => resolve(undefined));
  });
  box.show();
  try {
    return await chosen;
  } finally {
    box.dispose();
  }
}

export interface TextQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly placeHolder?: string;
  /** What is wrong with it, if anything. */
  readonly validate?: (text: string) => string | undefined;
  /** It waits while the person looks something up elsewhere. */
  readonly isPatient?: boolean;
}

export async function askForText(question: TextQuestion): Promise<string | undefined> {
  const { title, prompt, placeHolder, validate, isPatient = false } = question;
  return await window.showInputBox({
    title: plainText(title),
    prompt: plainText(prompt),
    ignoreFocusOut: isPatient,
    ...(placeHolder !== undefined && { placeHolder }),
    ...(validate !== undefined && { validateInput: validate }),
  });
}

export interface RowText {
  readonly label: string;
  readonly description?: string;
  /** A paragraph each. */
  readonly tooltip?: readonly string[];
  readonly isCollapsed?: boolean;
  /** Its rows are shown with it. */
  readonly isOpen?: boolean;
}

/** A row of a view. Its tooltip is text and never Markdown, in which an address alone becomes a link. */
export function treeRow({ label, description, tooltip, isCollapsed = false, isOpen = false }: RowText): TreeItem {
  const { Collapsed, Expanded, None } = TreeItemCollapsibleState;
  const collapsed = isCollapsed ? Collapsed : isOpen ? Expanded : None;
  const row = new TreeItem(plainText(label), collapsed);
  if (description !== undefined) row.description = plainText(description);
  if (tooltip !== undefined) row.tooltip = tooltipText(tooltip);
  return row;
}

/** A row's tooltip, once somebody points at it. */
export function withTooltip(row: TreeItem, paragraphs: readonly string[]): TreeItem {
  row.tooltip = tooltipText(paragraphs);
  return row;
}

function tooltipText(paragraphs: readonly string[]): string {
  return paragraphs
    .map((paragraph) =>
      paragraph
        .split('\n')
        .map((line) => plainText(line))
        .join('\n'),
    )
    .join('\n\n');
}

/** What a terminal's own hover says of the variables that are ours. */
export function labelVariables(variables: { description: unknown }, text: string): void {
  variables.description = plainText(text);
}

/** Above a view's rows, and on its icon. */
export function labelView(view: TreeView<unknown>, message: string | undefined, running: number): void {
  view.message = plainText(message ?? '');
  view.badge = running === 0 ? undefined : { value: running, tooltip: `${running} running` };
}

export interface StatusText {
  readonly icon: string;
  readonly text: string;
  readonly tooltip: string;
  readonly tone: Tone;
  readonly command: string;
}

/** One entry of the status bar; nothing in it while there is nothing to say. */
export interface StatusEntry extends Disposable {
  readonly show: (shown: StatusText | undefined) => void;
}

export function statusEntry(id: string, name: string): StatusEntry {
  const item = window.createStatusBarItem(id, StatusBarAlignment.Left, 0);
  item.name = name;
  return {
    show: (shown) => {
      if (shown === undefined) return item.hide();
      const { icon, text, tooltip, tone, command } = shown;
      item.text = withIcon(icon, text);
      item.tooltip = plainText(tooltip);
      item.accessibilityInformation = { label: item.tooltip, role: 'button' };
      item.backgroundColor = tone === 'info' ? undefined : new ThemeColor(`statusBarItem.${tone}Background`);
      item.command = command;
      item.show();
    },
    dispose: () => item.dispose(),
  };
}

function withIcon(icon: string | undefined, text: string): string {
  return icon === undefined ? plainText(text) : `$(${icon}) ${plainText(text)}`;
}
