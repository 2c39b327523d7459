import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Viewport } from '../../../webview/timeline/viewport.ts';

const MINUTE = 60_000;

function viewportOver(toMs: number): Viewport {
  const viewport = new Viewport();
  viewport.setWhole({ fromMs: 0, toMs });
  return viewport;
}

test('shows everything there is and follows until somebody zooms', () => {
  const viewport = viewportOver(10 * MINUTE);
  viewport.setWhole({ fromMs: 0, toMs: 11 * MINUTE });
  assert.deepEqual(viewport.span, { fromMs: 0, toMs: 11 * MINUTE });
  assert.deepEqual([viewport.isFollowing, viewport.isZoomed], [true, false]);
});

test('a window at the live edge moves along; one in the past stays', () => {
  const viewport = viewportOver(10 * MINUTE);
  viewport.show({ fromMs: 8 * MINUTE, toMs: 10 * MINUTE });
  viewport.setWhole({ fromMs: 0, toMs: 11 * MINUTE });
  assert.deepEqual(viewport.span, { fromMs: 9 * MINUTE, toMs: 11 * MINUTE });
  viewport.pan(-1);
  assert.equal(viewport.isFollowing, false);
  const { span } = viewport;
  viewport.setWhole({ fromMs: 0, toMs: 12 * MINUTE });
  assert.deepEqual(viewport.span, span);
  viewport.follow();
  assert.deepEqual(viewport.span, { fromMs: 10 * MINUTE, toMs: 12 * MINUTE });
  assert.equal(viewport.isFollowing, true);
});

test('whoever stands at a moment of a growing session keeps standing there', () => {
  const viewport = viewportOver(MINUTE);
  viewport.pause();
  viewport.setWhole({ fromMs: 0, toMs: 2 * MINUTE });
  assert.deepEqual(viewport.span, { fromMs: 0, toMs: MINUTE });
});

test('zooming keeps the time under the pointer, never leaves the session and never passes its ends', () => {
  const viewport = viewportOver(10 * MINUTE);
  viewport.zoom(0.5, 4 * MINUTE);
  const { fromMs, toMs } = viewport.span;
  assert.equal((4 * MINUTE - fromMs) / (toMs - fromMs), 0.4);
  viewport.pan(-10);
  assert.equal(viewport.span.fromMs, 0);
  viewport.pan(10);
  assert.equal(viewport.span.toMs, 10 * MINUTE);
  for (let i = 0; i < 100; i += 1) viewport.zoom(0.5, 5 * MINUTE);
  assert.equal(viewport.span.toMs - viewport.span.fromMs, 500);
  for (let i = 0; i < 100; i += 1) viewport.zoom(2, 5 * MINUTE);
  assert.equal(viewport.isZoomed, false);
});
