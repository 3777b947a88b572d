import type { ComponentChildren } from "preact";

/** The drawing of each icon: a grid of 16 px, lines of 1.5 px in the colour of the text. */
export const ICONS = {
  resources: (
    <>
      <path d="M2.5 3.5h4M2.5 8h4M2.5 12.5h4" />
      <path d="M9.5 3.5h4M9.5 8h4M9.5 12.5h4" />
    </>
  ),
  graph: (
    <>
      <rect x="1.75" y="5.75" width="4.5" height="4.5" rx="1.2" />
      <rect x="9.75" y="1.75" width="4.5" height="4.5" rx="1.2" />
      <rect x="9.75" y="9.75" width="4.5" height="4.5" rx="1.2" />
      <path d="M6.25 8C8.5 8 7.5 4 9.75 4M6.25 8c2.25 0 1.25 4 3.5 4" />
    </>
  ),
  console: (
    <>
      <rect x="1.75" y="2.75" width="12.5" height="10.5" rx="2" />
      <path d="m4.5 6 2 2-2 2M8.5 10.25h3" />
    </>
  ),
  logs: <path d="M2 3.5h1.5M2 8h1.5M2 12.5h1.5M6 3.5h8M6 8h5.5M6 12.5h7" />,
  traces: <path d="M2 3h8M4.5 6.35h7M6.5 9.7h4M9 13h5" />,
  metrics: <path d="M2 13.5h12M2 10.5 5.5 6.5l3 2.5L13.5 3" />,
  parameters: (
    <>
      <path d="M2 4.5h5M11 4.5h3M2 11.5h3M9 11.5h5" />
      <circle cx="9" cy="4.5" r="1.9" />
      <circle cx="7" cy="11.5" r="1.9" />
    </>
  ),
  cluster: (
    <>
      <path d="m8 1.75 5.4 3.1v6.3L8 14.25l-5.4-3.1v-6.3z" />
      <circle cx="8" cy="8" r="2" />
    </>
  ),
  container: (
    <>
      <path d="m8 1.9 5.6 2.9v6.4L8 14.1l-5.6-2.9V4.8z" />
      <path d="M2.6 4.9 8 7.7l5.4-2.8M8 7.7v6.2" />
    </>
  ),
  process: <path d="m3 4.5 3.5 3.5L3 11.5M8.5 11.75H13" />,
  database: (
    <>
      <ellipse cx="8" cy="3.9" rx="5.25" ry="2.15" />
      <path d="M2.75 3.9v8.2c0 1.2 2.35 2.15 5.25 2.15s5.25-.95 5.25-2.15V3.9M2.75 8c0 1.2 2.35 2.15 5.25 2.15S13.25 9.2 13.25 8" />
    </>
  ),
  parameter: (
    <>
      <circle cx="5" cy="8" r="2.75" />
      <path d="M7.75 8H14v2.5M11.25 8v2" />
    </>
  ),
  node: (
    <>
      <rect x="2" y="2.5" width="12" height="4.5" rx="1.3" />
      <rect x="2" y="9" width="12" height="4.5" rx="1.3" />
      <path d="M4.75 4.75h.01M4.75 11.25h.01" />
    </>
  ),
  manifest: <path d="M3.5 1.75h6l3 3v9.5h-9zM9.5 1.75v3h3M5.75 8h4.5M5.75 10.75h4.5" />,
  release: (
    <>
      <path d="M2.25 5.25 8 2l5.75 3.25v5.5L8 14l-5.75-3.25z" />
      <path d="m5 3.7 5.75 3.25V9" />
    </>
  ),
  endpoint: <path d="M5.25 1.75v3M10.75 1.75v3M3.5 4.75h9v2.5a4.5 4.5 0 0 1-9 0zM8 11.75v2.5" />,
  workload: <path d="m8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3" />,
  pod: (
    <>
      <rect x="3" y="3" width="10" height="10" rx="2.5" />
      <circle cx="8" cy="8" r="1.75" />
    </>
  ),
  external: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path d="M1.75 8h12.5M8 1.75c2.3 2 2.3 10.5 0 12.5M8 1.75c-2.3 2-2.3 10.5 0 12.5" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3.5 3.5" />
    </>
  ),
  bell: <path d="M4 7a4 4 0 0 1 8 0c0 3.5 1.5 4.5 1.5 4.5h-11S4 10.5 4 7zM6.5 13.75h3" />,
  theme: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 2.25a5.75 5.75 0 0 1 0 11.5z" fill="currentColor" />
    </>
  ),
  help: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path d="M6.25 6.25c.2-2.3 3.6-2.2 3.6 0C9.85 7.6 8 7.7 8 9.2M8 11.4h.01" />
    </>
  ),
  play: <path d="M4.75 3v10l8-5z" />,
  stop: <rect x="3.75" y="3.75" width="8.5" height="8.5" rx="1.5" />,
  restart: <path d="M13 8a5 5 0 1 1-1.6-3.7M13.25 1.9v3h-3" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.2" />,
  chevron: <path d="m6 4 4 4-4 4" />,
  down: <path d="m4 6 4 4 4-4" />,
  up: <path d="m4 10 4-4 4 4" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  open: <path d="M6.5 3.5H3.25v9.25h9.25V9.5M9 2.5h4.5V7M13.25 2.75 7.5 8.5" />,
  copy: (
    <>
      <rect x="5.75" y="5.75" width="8" height="8" rx="1.5" />
      <path d="M10.25 3.5v-.25a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h.25" />
    </>
  ),
  eye: (
    <>
      <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="2" />
    </>
  ),
  filter: <path d="M2 3.5h12M4.5 8h7M6.75 12.5h2.5" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  wrap: <path d="M2 3.5h12M2 8h9.5a2.25 2.25 0 0 1 0 4.5H8.5m1.5-1.75L8.25 12.5 10 14.25M2 12.5h3.5" />,
  download: <path d="M8 2v8M4.75 7 8 10.25 11.25 7M2.5 13.5h11" />,
  upload: <path d="M8 10.25V2M4.75 5.25 8 2l3.25 3.25M2.5 13.5h11" />,
  trash: <path d="M2.5 4.25h11M6 4V2.25h4V4M4 4.25l.6 9.5h6.8l.6-9.5" />,
  latest: <path d="M8 2.5v7M4.75 6.5 8 9.75l3.25-3.25M3 13h10" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  fit: <path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />,
  pin: <path d="M5.5 2h5l-.75 4.5L12 9H4l2.25-2.5zM8 9v5" />,
  file: <path d="M3.5 1.75h6l3 3v9.5h-9zM9.5 1.75v3h3" />,
  check: <path d="m3 8.5 3.25 3.25L13 4.75" />,
  volume: (
    <>
      <rect x="2" y="3.5" width="12" height="9" rx="1.5" />
      <path d="M5 10h.01M7.5 10h3.5" />
    </>
  ),
} satisfies Record<string, ComponentChildren>;

/** The name of an icon. */
export type IconName = keyof typeof ICONS;
