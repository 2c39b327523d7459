/**
 * The only file that knows @vscode/webview-ui-toolkit, which is no longer developed: whatever replaces it is replaced
 * here.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeBadge,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
  type Button,
  type Checkbox,
  type Dropdown,
  type TextField,
} from '@vscode/webview-ui-toolkit';

export function registerComponents(): void {
  provideVSCodeDesignSystem().register(
    vsCodeBadge(),
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

export interface ButtonOptions {
  readonly label: string;
  readonly appearance?: 'primary' | 'secondary';
  /** What a screen reader says, where the label alone is too short. */
  readonly description?: string;
  readonly onClick: () => void;
}

export function button({ label, appearance = 'secondary', description, onClick }: ButtonOptions): HTMLElement {
  const created = document.createElement('vscode-button') as Button; // registered under this name
  created.setAttribute('appearance', appearance);
  created.textContent = label;
  if (description !== undefined) {
    created.setAttribute('aria-label', description);
    created.title = description;
  }
  created.addEventListener('click', onClick);
  return created;
}

export function checkbox(label: string, isChecked: boolean, onChange: (isChecked: boolean) => void): HTMLElement {
  const created = document.createElement('vscode-checkbox') as Checkbox; // registered under this name
  created.checked = isChecked;
  created.textContent = label;
  created.setAttribute('aria-label', label);
  created.addEventListener('change', () => {
    onChange(created.checked);
  });
  return created;
}

export function textField(label: string, onInput: (text: string) => void): HTMLElement {
  const created = document.createElement('vscode-text-field') as TextField; // registered under this name
  created.setAttribute('type', 'search');
  created.setAttribute('placeholder', label);
  created.setAttribute('aria-label', label);
  // The editor answers Ctrl+A a moment later, and selects what has been typed since.
  created.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') event.stopPropagation();
  });
  created.addEventListener('input', () => {
    onInput(created.value);
  });
  return created;
}

export interface DropdownOptions {
  readonly label: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

export function dropdown({ label, choices, onChange }: DropdownOptions): Dropdown {
  const created = document.createElement('vscode-dropdown') as Dropdown; // registered under this name
  created.setAttribute('aria-label', label);
  for (const choice of choices) {
    const option = document.createElement('vscode-option');
    option.setAttribute('value', choice.value);
    option.textContent = choice.label;
    created.append(option);
  }
  created.addEventListener('change', () => {
    onChange(created.value);
  });
  return created;
}

export function badge(text: string): HTMLElement {
  const created = document.createElement('vscode-badge');
  created.textContent = text;
  return created;
}

export function progressRing(label: string): HTMLElement {
  const created = document.createElement('vscode-progress-ring');
  created.setAttribute('aria-label', label);
  return created;
}
