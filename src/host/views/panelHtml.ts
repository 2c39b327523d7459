/** The page around the webview's bundle: nothing but our own script, style and icons may load, and nothing inline. */
export interface PanelPage {
  readonly nonce: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** The origin that VS Code serves the bundle from. */
  readonly cspSource: string;
}

export function panelHtml({ nonce, scriptUri, styleUri, cspSource }: PanelPage): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource}; font-src ${cspSource};`;
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Session Diagnostics</title>
    <link rel="stylesheet" href="${styleUri}">
  </head>
  <body>
    <script nonce="${nonce}" src="${scriptUri}"></script>
  </body>
</html>
`;
}
