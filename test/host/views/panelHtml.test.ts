import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panelHtml } from '../../../src/host/views/panelHtml.ts';

const html = panelHtml({ nonce: 'NONCE', scriptUri: 'S', styleUri: 'C', cspSource: 'https://origin' });

test('the page loads nothing but what its nonce and its origin allow', () => {
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
  assert.ok(policy?.startsWith("default-src 'none'; script-src 'nonce-NONCE'; style-src https://origin;"));
  assert.ok(!/unsafe|\*|data:|https?:(?!\/\/origin)/.test(policy ?? ''), policy);
});

test('the page has no inline script, style or handler', () => {
  assert.ok(!/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/i.test(html));
});
