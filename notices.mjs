// The licences of the packages whose code the programs in dist/ carry: what is carried is asked of the bundler itself.
// build.mjs writes them to dist/ThirdPartyNotices.txt.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = import.meta.dirname;
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/** The folders of the packages that ended up in what esbuild tells of, such as `node_modules/yaml`. */
export function packagesIn(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
  return [...folders].sort((a, b) => a.localeCompare(b));
}

/** A package's own licence and notice files; where it has none, what its package.json says. */
function licenceOf(folder) {
  const { name, version, license, author } = JSON.parse(read(`${folder}/package.json`));
  const texts = readdirSync(join(ROOT, folder))
    .filter((file) => /^(?:licen[cs]e|notice|copying)(?:[.-]|$)/i.test(file))
    .map((file) => read(`${folder}/${file}`).replaceAll('\r\n', '\n').trim());
  const by = typeof author === 'string' ? author : (author?.name ?? 'its authors');
  return {
    title: `${name} ${version} (${license})`,
    text: texts.length > 0 ? texts.join('\n\n') : license === 'MIT' ? mitOf(by) : `Licensed under ${license} by ${by}.`,
  };
}

/** The licence in full, as it asks for, with the name of who wrote the package. */
function mitOf(author) {
  const ours = read('LICENSE').trim();
  return ours.replace(/^Copyright .*$/m, `Copyright (c) ${author}`);
}

/** The C library in the native program of a release. */
const MUSL = { title: 'musl 1.2 (MIT)', text: () => mitOf('2005-2020 Rich Felker, et al.') };

/** Packages that share a text, as those of one project do, share its place. */
export function noticesOf(folders) {
  const byText = new Map();
  for (const folder of folders) {
    const { title, text } = licenceOf(folder);
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  byText.set(MUSL.text(), [MUSL.title]);
  const parts = [...byText].map(([text, titles]) => `${[...new Set(titles)].join('\n')}\n\n${text}`);
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `Session Diagnostics contains code of these packages, under their licences.${rule}${parts.join(rule)}\n`;
}
