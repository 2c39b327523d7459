import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSession } from '../../../src/sessions/openSession.ts';
import { ScriptedRoot } from '../../webview/scriptedRoot.ts';
import { writeLeakySession } from '../../webview/scriptedSessions.ts';
import { runCli } from '../builtCli.ts';

/** Whatever somebody was sent: a folder, an archive of one, a log; and what is not opened. */
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-open-test-'));
const root = new ScriptedRoot();
after(() => {
  root.remove();
  rmSync(home, { recursive: true });
});
const empty = { XDG_DATA_HOME: join(home, 'nothing'), HOME: home, TMPDIR: mkdtempSync(join(home, 'tmp-')) };
const session = writeLeakySession(root);
const folder = join(home, session.id);
cpSync(session.dir, folder, { recursive: true });
const python = (script: string, cwd = home): unknown => execFileSync('python3', ['-c', script], { cwd });

/** Each as it would be made by a person or by CI. */
const GOOD: Readonly<Record<string, () => void>> = {
  [session.id]: () => undefined,
  'folder.tar.gz': () => execFileSync('tar', ['czf', 'folder.tar.gz', session.id], { cwd: home }),
  'files.tgz': () => execFileSync('sh', ['-c', `cd ${session.id} && tar czf ../files.tgz *`], { cwd: home }),
  'folder.zip': () => python(`import shutil; shutil.make_archive('folder', 'zip', '.', '${session.id}')`),
  'stored.zip': () =>
    python(
      `import os, zipfile\nz = zipfile.ZipFile('stored.zip', 'w')\n[z.write('${session.id}/' + n, 'ci/logs/${session.id}/' + n) for n in os.listdir('${session.id}')]\nz.close()`,
    ),
};

for (const [name, make] of Object.entries(GOOD)) {
  test(`${name === session.id ? 'a folder' : name} is opened where nothing was ever recorded, and nothing stays behind`, async () => {
    make();
    const { code, stdout, stderr } = await runCli(['open', `./${name}`, '--json'], { env: empty, cwd: home });
    assert.equal(code, 0, stderr);
    const told = JSON.parse(stdout) as { id: string; verdict: { cause: string }; anomalies: unknown[] };
    assert.deepEqual([told.id, told.verdict.cause, told.anomalies.length > 0], [session.id, 'oom_kill', true]);
    assert.deepEqual(readdirSync(empty.TMPDIR), []);
  });
}

test('a copy of a running session is not running: nobody knows what became of it', async () => {
  const running = root.session('sess-copied', 'running');
  running.enroll();
  cpSync(running.dir, join(home, 'sess-copied'), { recursive: true });
  const { stdout } = await runCli(['open', './sess-copied', '--json'], { env: empty, cwd: home });
  const told = JSON.parse(stdout) as { state: string; verdict: { outcome: string } };
  assert.deepEqual([told.state, told.verdict.outcome], ['finished', 'lost']);
});

test('a log is told by its failures, and what is nothing of all this is refused in one line', async () => {
  writeFileSync(join(home, 'log.jsonl'), `${JSON.stringify({ type: 'user', message: { content: 'hello' } })}\n`);
  const log = await runCli(['open', 'log.jsonl'], { env: empty, cwd: home });
  assert.match(log.stdout, /^log\.jsonl/);
  mkdirSync(join(home, 'plain'));
  const refused = async (path: string): Promise<string> =>
    (await runCli(['open', path], { env: empty, cwd: home })).stderr;
  assert.match(await refused('plain'), /plain is no session's folder/);
  assert.match(await refused('gone.zip'), /^session-diagnostics: There is no \S+gone\.zip\. Give a session's folder/);
});

/** What each zip holds besides, and why it is refused. `z` is the archive, `put` adds a file. */
const HOSTILE: readonly (readonly [what: string, script: string, why: RegExp])[] = [
  ['a path that leads out', `put('../evil.jsonl')`, /leads out/],
  ['an absolute path', `put('/tmp/evil.jsonl')`, /leads out/],
  ['a path of another system', `put('..\\\\evil.jsonl')`, /leads out/],
  ['a link', `put('tree.jsonl', b'/etc/passwd', 0o120777)`, /a link or a device/],
  ['a device', `put('tree.jsonl', b'', 0o020666)`, /a link or a device/],
  ['a pipe', `put('tree.jsonl', b'', 0o010666)`, /a link or a device/],
  ['two files of one name', `put('a.jsonl'); put('a.jsonl')`, /one name/],
  ['files of two folders', `put('a/a.jsonl'); put('b/b.jsonl')`, /several folders/],
  ['5,001 files', `[put('f%d' % n) for n in range(5001)]`, /more than 5000 files/],
  ['an account of 11 MB', `put('enrollment.json', b'{}' + b' ' * 11000000)`, /account of itself is larger/],
  ['more than it says', `put('a.jsonl', b'x' * 100000); lie(100)`, /larger than it says/],
  ['more than a gigabyte', `put('a.jsonl', b'x' * 100000); lie(2000000000)`, /more than 1000000000 bytes/],
  [
    'a hundred times most of a gigabyte',
    `[put('f%d' % n, b'x' * 9000) for n in range(100)]; lie(900000000)`,
    /more than/,
  ],
  ['an end in the middle', `cut = 60`, /damaged|middle/],
  ['something encrypted', `put('a.jsonl'); encrypted = True`, /encrypted/],
  ['no zip', `raw = b'PK' + b'x' * 4000`, /damaged, or no zip/],
  ['a directory that lies elsewhere', `put('a.jsonl'); moved = True`, /damaged/],
];

/** Makes one of each, in a folder of its own; patches the sizes and the flags that the central directory tells. */
const MAKE_ZIPS = `
import json, os, struct, sys, warnings, zipfile
warnings.simplefilter('ignore')
def make(path, script):
    told = {'cut': 0, 'raw': None, 'encrypted': False, 'moved': False}
    z = zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED)
    z.writestr('summary.json', '{"session_id":"x","success":false,"exit_code":1}')
    def put(name, data=b'{}', mode=0o100644):
        info = zipfile.ZipInfo(name); info.external_attr = mode << 16; info.create_system = 3
        info.compress_type = zipfile.ZIP_DEFLATED; z.writestr(info, data)
    def lie(to): told['size'] = to
    told.update(put=put, lie=lie)
    exec(script, told)
    z.close()
    data = bytearray(open(path, 'rb').read())
    at = data.find(b'PK\\x01\\x02', data.find(b'PK\\x01\\x02') + 4)
    while at >= 0:
        if 'size' in told: struct.pack_into('<I', data, at + 24, told['size'])
        if told['encrypted']: data[at + 8] |= 1
        at = data.find(b'PK\\x01\\x02', at + 4)
    if told['moved']: struct.pack_into('<I', data, data.rfind(b'PK\\x05\\x06') + 16, 7)
    if told['cut']: data = data[:-told['cut']]
    open(path, 'wb').write(told['raw'] or bytes(data))
for n, script in enumerate(json.loads(sys.argv[1])):
    os.mkdir(str(n))
    make(os.path.join(str(n), 'bad.zip'), script)
`;

test('a zip that would harm is refused, and nothing is written outside of its own folder', async () => {
  const zips = mkdtempSync(join(home, 'hostile-'));
  execFileSync('python3', ['-c', MAKE_ZIPS, JSON.stringify(HOSTILE.map(([, script]) => script))], { cwd: zips });
  for (const [number, [what, , why]] of HOSTILE.entries()) {
    const place = join(zips, String(number));
    const opened = await openSession(join(place, 'bad.zip'), join(place, 'opened'));
    assert.ok(!opened.ok, what);
    assert.match(opened.why, why, what);
    assert.deepEqual(readdirSync(place).toSorted(), ['bad.zip', 'opened'], what);
  }
  assert.equal(existsSync('/tmp/evil.jsonl'), false);
});

test('links of a folder stay behind, be it one to a secret', async () => {
  const secret = join(home, 'secret');
  writeFileSync(secret, 'canary');
  const linked = join(home, 'linked');
  cpSync(session.dir, linked, { recursive: true });
  symlinkSync(secret, join(linked, 'stderr.log'));
  const opened = await openSession(linked, join(home, 'opened-linked'));
  assert.ok(opened.ok);
  assert.equal(existsSync(join(opened.found.place.dir, 'stderr.log')), false);
});
