/** The editor theme's colours as Chart.js needs them: a canvas cannot read CSS variables. */

export type ChartColor = 'blue' | 'purple' | 'red' | 'orange' | 'yellow' | 'green';

export interface Theme {
  readonly colors: Readonly<Record<ChartColor, string>>;
  readonly grid: string;
  readonly text: string;
  readonly foreground: string;
  readonly background: string;
  readonly fontFamily: string;
  readonly isHighContrast: boolean;
}

export function currentTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const text = read('--vscode-foreground', '#808080');
  const { classList } = document.body;
  const isHighContrast = classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
  return {
    colors: {
      blue: read('--vscode-charts-blue', '#3794ff'),
      purple: read('--vscode-charts-purple', '#b180d7'),
      red: read('--vscode-charts-red', '#f14c4c'),
      orange: opaque(read('--vscode-charts-orange', '#ea5c00')),
      yellow: read('--vscode-charts-yellow', '#cca700'),
      green: read('--vscode-charts-green', '#89d185'),
    },
    grid: isHighContrast ? withAlpha(text, '55') : withAlpha(text, '1c'),
    text: read('--vscode-descriptionForeground', text),
    foreground: text,
    background: read('--vscode-editor-background', '#808080'),
    fontFamily: read('--vscode-font-family', 'sans-serif'),
    isHighContrast,
  };
}

/** VS Code swaps the variables and the classes of a living webview when the theme changes. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
}

/** VS Code's own orange is `rgba(234, 92, 0, 0.33)` in most themes: a highlight, and too faint for a line. */
function opaque(color: string): string {
  return color.replace(/^rgba\((.*),[^,]*\)$/, 'rgb($1)');
}

function withAlpha(color: string, alpha: string): string {
  return /^#[0-9a-f]{6}$/i.test(color) ? color + alpha : `rgba(128, 128, 128, 0.${alpha === '1c' ? '12' : '35'})`;
}
