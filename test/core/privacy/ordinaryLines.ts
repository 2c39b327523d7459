import type { Random } from '../randomFrom.ts';
import { drawn } from './secretCorpus.ts';

const HEX = '0123456789abcdef';
const WORDS =
  'the build failed because parser could not read token from stream while session was starting retry with larger key cache and password field label author secretary basic bearer auth module cookie banner'.split(
    ' ',
  );

/** Lines as they stand in logs, code and prose, with no secret in any. */
export function ordinaryLines(random: Random, count: number): string[] {
  const hex = (length: number): string => drawn(random, HEX, length);
  const number = (below: number): number => Math.floor(random() * below);
  const words = (length: number): string =>
    Array.from({ length }, () => WORDS[number(WORDS.length)] ?? 'the').join(' ');
  const camel = (): string => words(4).replace(/ ([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const kinds: readonly (() => string)[] = [
    () => `${words(9)}.`,
    () => `commit ${hex(40)}`,
    () => `Merge: ${hex(7)} ${hex(7)}`,
    () => `digest: sha256:${hex(64)} size: ${number(9999)}`,
    () => `"integrity": "sha512-${Buffer.from(hex(128), 'hex').toString('base64')}",`,
    () => `golang.org/x/net v0.${number(40)}.0 h1:${Buffer.from(hex(64), 'hex').toString('base64')}`,
    () => `request ${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)} took ${number(900)} ms`,
    () => `[2026-03-0${1 + number(8)}T10:${10 + number(49)}:0${number(9)}.${100 + number(899)}Z] INFO ${words(5)}`,
    () =>
      `"usage":{"input_tokens":${number(99_999)},"cache_read_input_tokens":${number(999)},"output_tokens":${number(999)}}`,
    () => `const ${camel()} = ${camel()}(${camel()}, ${number(99)});`,
    () => `  if (${camel()}.token === undefined) throw new TypeError('${words(3)}');`,
    () => `def ${camel()}(self, password: str, api_key: str | None = None) -> bool:`,
    () => `npm warn deprecated ${words(1)}@${number(9)}.${number(9)}.${number(99)}: ${words(6)}`,
    () => `test result: ok. ${number(99)} passed; 0 failed; finished in ${number(9)}.${number(99)}s`,
    () => `CREATE TABLE t (id int PRIMARY KEY, token_count int, FOREIGN KEY (a) REFERENCES b);`,
    () => `0x${hex(16)} 0x${hex(8)} ${words(2)} +0x${hex(3)}`,
    () => `pid ${number(99_999)} rss ${number(999_999)} kB fds ${number(999)} oom_score ${number(1000)}`,
    () => `<input type="password" name="${words(1)}" autocomplete="off">`,
    () => `- [ ] ${words(7)} (see #${number(999)})`,
    () => `01${drawn(random, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', 24)} created`,
  ];
  return Array.from({ length: count }, (_, index) => (kinds[index % kinds.length] ?? (() => ''))());
}
