import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

export type InstalledBrowser = { readonly path: string } | { readonly missing: string };

/** An installed Chromium or Chrome, or the one `npx playwright install chromium` has fetched. */
export function installedBrowser(): InstalledBrowser {
  const path = [...PLACES, chromium.executablePath()].find((place) => existsSync(place));
  if (path !== undefined) return { path };
  return {
    missing:
      'No Chromium or Chrome is installed. As root on Debian: apt-get install -y chromium; elsewhere: npx playwright install chromium.',
  };
}

/** Headless, without anything that would talk to the network by itself. */
export function launchBrowser(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
