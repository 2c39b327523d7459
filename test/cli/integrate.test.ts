import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { integrateAgent } from '../../src/mcp/integrate/integrateAgent.ts';
import { nativeProgram } from '../../src/cli/launcher.ts';
import { CLI, runCli } from './builtCli.ts';

const NATIVE = nativeProgram(CLI, {});

const home = mkdtempSync(join(tmpdir(), 'integrate-'));
after(() => rmSync(home, { recursive: true, force: true }));

const env = { HOME: home, CLAUDE_CONFIG_DIR: '', CODEX_HOME: '', COPILOT_HOME: '', XDG_CONFIG_HOME: '' };

/** Files as people have them: comments, tabs, odd commas, entries of others, no end of line, CRLF, one line, nothing. */
const FILES: readonly (readonly [agent: string, path: string, texts: readonly string[]])[] = [
  [
    'claude',
    '.claude.json',
    [
      '{\n  "numStartups": 12,\n  "mcpServers": {\n    "other": { "type": "stdio", "command": "x", "args": ["-y"] }\n  },\n  "projects": {}\n}\n',
      '{"a":1,"mcpServers":{}}',
      '{\n\t"z": [1,2],\n\t"b": "ü\\u2028"\n}',
    ],
  ],
  [
    'codex',
    '.codex/config.toml',
    [
      '# mine\nmodel = "m"\n\n[mcp_servers.other]\ncommand = "x" # why\nargs = [\n  "a",\n]\n\n[projects."/srv/x"]\ntrust_level = "trusted"',
      '',
      'a = 1\r\n[b]\r\nc = """\r\n[mcp_servers]\r\n"""\r\n',
      '[mcp_servers]\n[mcp_servers.other]\nurl = "http://127.0.0.1:1"\n',
    ],
  ],
  [
    'gemini',
    '.gemini/settings.json',
    [
      '{\n    // theme\n    "theme": "x", /* and */\n    "mcpServers": {\n        "other": {"command":"y"},\n    },\n}\n',
      '{}',
    ],
  ],
  [
    'copilot',
    '.copilot/mcp-config.json',
    ['{\n  "mcpServers": {}\n}\n', '{ "mcpServers" : { "a":{"type":"http","url":"u","tools":["*"]} } }'],
  ],
  [
    'opencode',
    '.config/opencode/opencode.jsonc',
    [
      '{\n  "$schema": "https://opencode.ai/config.json",\n  // servers\n  "mcp": { "a": { "type": "remote", "url": "u" } }\n}',
    ],
  ],
  ['qwen', '.qwen/settings.json', ['{"security":{"auth":{"selectedType":"openai"}}}\n']],
  ['cursor', '.cursor/mcp.json', ['{\r\n  "mcpServers": {\r\n    "a": {}\r\n  }\r\n}\r\n', '\n']],
];

function put(path: string, text: string): string {
  const full = join(home, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text, { mode: 0o640 });
  return full;
}

for (const [agent, path, texts] of FILES) {
  test(`${agent}: added twice is added once, and removed is as before, byte for byte`, () => {
    const command = ['/opt/bin/session-diagnostics', 'mcp', '--stdio'];
    const integrate = (how: { readonly isRemoved?: boolean; readonly isDryRun?: boolean } = {}) => {
      const done = integrateAgent({
        agent,
        command,
        hookProgram: undefined,
        isRemoved: false,
        isDryRun: false,
        env,
        home,
        ...how,
      });
      for (const file of done) assert.ok(file.ok, JSON.stringify(file));
    };
    for (const text of texts) {
      const full = put(path, text);
      integrate({ isDryRun: true });
      assert.equal(readFileSync(full, 'utf8'), text, 'a dry run changes nothing');
      integrate();
      const once = readFileSync(full, 'utf8');
      assert.match(once, /"mcp", ?\s*"--stdio"/);
      assert.equal(statSync(full).mode & 0o777, 0o640);
      assert.equal(statSync(`${full}.before-session-diagnostics`).mode & 0o777, 0o600);
      integrate();
      assert.equal(readFileSync(full, 'utf8'), once);
      integrate({ isRemoved: true });
      assert.equal(readFileSync(full, 'utf8'), text);
      assert.deepEqual(
        readdirSync(dirname(full)).filter((name) => name.includes('before')),
        [],
      );
      integrate({ isRemoved: true });
      assert.equal(readFileSync(full, 'utf8'), text);
      rmSync(full);
    }
  });
}

test('a person sees what changes, what has changed, and that there is nothing to do', async () => {
  const full = put('.codex/config.toml', 'model = "m"\n');
  const seen = await runCli(['integrate', 'codex', '--dry-run'], { env });
  assert.match(seen.stdout, /^\+ \[mcp_servers\.session-diagnostics\]$/m);
  assert.match(seen.stdout, /would be changed/);
  assert.match((await runCli(['integrate', 'codex'], { env })).stdout, /sees it when it starts next/);
  assert.match((await runCli(['integrate', 'codex'], { env })).stdout, /has it already/);
  await runCli(['integrate', 'codex', '--remove'], { env });
  assert.match((await runCli(['integrate', 'codex', '--remove'], { env })).stdout, /no entry of ours/);
  rmSync(full);
});

test('what was changed in between stays, and our entry goes', async () => {
  const full = put('.cursor/mcp.json', '{\n  "mcpServers": {\n    "a": {}\n  }\n}\n');
  await runCli(['integrate', 'cursor'], { env });
  assert.match(readFileSync(full, 'utf8'), /session-diagnostics/);
  writeFileSync(full, readFileSync(full, 'utf8').replace('"a": {}', '"a": { "command": "new" }'));
  await runCli(['integrate', 'cursor', '--remove'], { env });
  assert.equal(readFileSync(full, 'utf8'), '{\n  "mcpServers": {\n    "a": { "command": "new" }\n  }\n}\n');
  const toml = put('.codex/config.toml', 'model = "m"\n');
  await runCli(['integrate', 'codex'], { env });
  assert.match(readFileSync(toml, 'utf8'), /session-diagnostics/);
  writeFileSync(toml, `${readFileSync(toml, 'utf8')}\n[tui]\ntheme = "x"\n`);
  await runCli(['integrate', 'codex', '--remove'], { env });
  assert.equal(readFileSync(toml, 'utf8'), 'model = "m"\n\n[tui]\ntheme = "x"\n');
});

/** Settings as people have them, with hooks of their own or none. */
const SETTINGS = [
  '{\n  "model": "m",\n  "hooks": {\n    "PostToolUse": [\n      { "matcher": "Edit", "hooks": [{ "type": "command", "command": "fmt" }] }\n    ]\n  }\n}\n',
  '{"permissions":{"allow":["Bash(ls)"]}}',
];

test(
  'hooks come and go with the server, beside those of others',
  { skip: NATIVE === undefined && 'no native program' },
  async () => {
    for (const text of SETTINGS) {
      const settings = put('.claude/settings.json', text);
      put('.claude.json', '{}\n');
      assert.equal((await runCli(['integrate', 'claude'], { env })).code, 0);
      const once = readFileSync(settings, 'utf8');
      assert.equal(once.split(' hook after-command').length, 3);
      assert.equal(once.split(' hook session-start').length, 2);
      if (text.includes('fmt')) assert.match(once, /"command": ?"fmt"/);
      await runCli(['integrate', 'claude'], { env });
      assert.equal(readFileSync(settings, 'utf8'), once);
      await runCli(['integrate', 'claude', '--remove'], { env });
      assert.equal(readFileSync(settings, 'utf8'), text);
      rmSync(settings);
    }
    // Somebody wrote into it in between.
    const settings = put('.claude/settings.json', SETTINGS[0] ?? '');
    await runCli(['integrate', 'claude'], { env });
    writeFileSync(
      settings,
      readFileSync(settings, 'utf8').replace('"model": "m"', '"model": "n"').replaceAll('"timeout": 5', '"timeout": 7'),
    );
    await runCli(['integrate', 'claude', '--remove'], { env });
    const { model, hooks } = JSON.parse(readFileSync(settings, 'utf8')) as {
      model: string;
      hooks: Record<string, unknown[]>;
    };
    assert.equal(model, 'n');
    assert.equal(hooks['PostToolUse']?.length, 1);
    assert.ok(!readFileSync(settings, 'utf8').includes('session-diagnostics'));
    rmSync(settings);
  },
);

test('a file behind a link is changed where it lies, and the link stays', async () => {
  const real = put('dotfiles/claude.json', '{\n  "a": 1\n}\n');
  const link = join(home, '.claude.json');
  rmSync(link, { force: true });
  symlinkSync(real, link);
  await runCli(['integrate', 'claude'], { env });
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.match(readFileSync(real, 'utf8'), /session-diagnostics/);
  await runCli(['integrate', 'claude', '--remove'], { env });
  assert.equal(readFileSync(real, 'utf8'), '{\n  "a": 1\n}\n');
  rmSync(link);
});

test('a file that was not there is gone again after', async () => {
  await runCli(['integrate', 'qwen'], { env });
  assert.match(readFileSync(join(home, '.qwen/settings.json'), 'utf8'), /session-diagnostics/);
  assert.equal((await runCli(['integrate', 'qwen', '--remove'], { env })).code, 0);
  assert.throws(() => statSync(join(home, '.qwen/settings.json')));
});

test('broken files are refused as they are, and so is an agent nobody knows', async () => {
  for (const [agent, path, text] of [
    ['claude', '.claude.json', '{ "mcpServers": { '],
    ['claude', '.claude.json', '{ "mcpServers": [] }'],
    ['gemini', '.gemini/settings.json', '[1]'],
    ['codex', '.codex/config.toml', 'model = \n'],
    ['codex', '.codex/config.toml', 'mcp_servers = { other = { command = "x" } }\n'],
  ] as const) {
    const full = put(path, text);
    const refused = await runCli(['integrate', agent], { env });
    assert.equal(refused.code, 1, `${text}: ${refused.stdout}`);
    assert.match(refused.stderr, /was left as it is: /);
    assert.equal(readFileSync(full, 'utf8'), text);
    rmSync(full);
  }
  const unknown = await runCli(['integrate', 'eliza'], { env });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /claude, codex, gemini, copilot, opencode, qwen, cursor/);
});
