import type { ComponentChildren } from "preact";

/** The drawing of each shape: a grid of 12 px. */
export const SHAPES = {
  ok: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  warn: (
    <>
      <path d="M6 1.2 11.2 10.6H.8z" fill="currentColor" />
      <path d="M6 4.6v2.6M6 8.9v.01" stroke="var(--surface)" stroke-width="1.3" stroke-linecap="round" />
    </>
  ),
  bad: (
    <>
      <path d="M3.8.9h4.4l2.9 2.9v4.4l-2.9 2.9H3.8L.9 8.2V3.8z" fill="currentColor" />
      <path
        d="m4.2 4.2 3.6 3.6m0-3.6L4.2 7.8"
        stroke="var(--surface)"
        stroke-width="1.3"
        stroke-linecap="round"
      />
    </>
  ),
  wait: (
    <path
      d="M2 1.25h8M2 10.75h8M3.25 1.25c0 3 2.2 3.5 2.2 4.75S3.25 7.75 3.25 10.75M8.75 1.25c0 3-2.2 3.5-2.2 4.75s2.2 1.75 2.2 4.75"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linecap="round"
    />
  ),
  busy: (
    <path
      d="M6 1.5A4.5 4.5 0 1 1 1.5 6"
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
    />
  ),
  done: (
    <path
      d="m1.6 6.6 2.8 2.8 6-6.3"
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  ),
  idle: (
    <circle
      cx="6"
      cy="6"
      r="4.2"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-dasharray="2 1.77"
    />
  ),
  stopped: <rect x="2" y="2" width="8" height="8" rx="1.2" fill="currentColor" />,
  missing: (
    <>
      <path d="M6 .7 11.3 6 6 11.3.7 6z" fill="currentColor" />
      <path
        d="M4.7 5c.1-1.7 2.6-1.6 2.6 0 0 .9-1.2 1-1.2 2M6.1 8.6v.01"
        fill="none"
        stroke="var(--surface)"
        stroke-width="1.15"
        stroke-linecap="round"
      />
    </>
  ),
  active: (
    <>
      <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="1.4" />
      <circle cx="6" cy="6" r="1.7" fill="currentColor" />
    </>
  ),
} satisfies Record<string, ComponentChildren>;

/** The name of a shape. */
export type ShapeName = keyof typeof SHAPES;
