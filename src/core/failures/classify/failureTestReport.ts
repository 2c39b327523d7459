import { tellingLines } from './failureText.ts';

/**
 * A test run that reports failing tests says something about the code under test. Whatever the failing tests printed
 * (refused connections, missing files, timeouts) is their subject, never the environment.
 */
const REPORT = new RegExp(
  [
    'Tests:\\s+\\d+ failed|Test Suites: \\d+ failed|Test Files\\s+\\d+ failed', // jest, vitest
    'FAIL\\s+(?!.*\\[(?:build|setup) failed\\]).', // jest, vitest, go (without a build there was no test)
    '⎯{0,40}\\s*Failed (?:Tests|Suites) \\d+',
    '=+ .{0,80}\\b\\d+ failed\\b.{0,120}\\bin [\\d.]+', // pytest
    'FAILED \\S+::', // pytest
    'FAILED \\(failures=\\d+', // unittest
    'test result: FAILED', // cargo
    'test \\S+ \\.\\.\\. FAILED', // cargo
    '--- FAIL:', // go
    'not ok \\d+', // TAP
    '[#ℹ] fail [1-9]', // node:test
    '✖ failing tests',
    '\\d+ failing$', // mocha
    '\\d+ examples?, [1-9]\\d* failures?', // rspec
    'Tests: \\d+, Assertions: \\d+, .{0,40}(?:Failures|Errors): [1-9]', // phpunit
    '(?:\\[ERROR\\] )?Tests run: \\d+, Failures: [1-9]', // maven
    '.{0,40}There were failing tests', // gradle
    'Failed! +- Failed: +[1-9]', // dotnet
    '\\d+% tests passed, [1-9]\\d* tests? failed', // ctest
    'FAILED \\| \\d+ passed', // deno
    '[1-9]\\d* fail$', // bun
    'AssertionError\\b',
  ]
    .map((pattern) => `^(?:${pattern})`)
    .join('|'),
);

export function reportsFailedTests(output: string): boolean {
  return tellingLines(output).some((line) => REPORT.test(line));
}
