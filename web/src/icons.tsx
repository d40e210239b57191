// Pictures, drawn with one pen: paths in a square of 24.
const paths: Record<string, string> = {
  home: "M3 11l9-8 9 8M5 10v10h5v-6h4v6h5V10",
  people: "M9 11a4 4 0 100-8 4 4 0 000 8zM2 21c0-4 3-6 7-6s7 2 7 6M17 3.5a4 4 0 010 7M18 15c2.5.5 4 2.5 4 6",
  group: "M12 8a3 3 0 100-6 3 3 0 000 6zM5 14a3 3 0 100-6 3 3 0 000 6zM19 14a3 3 0 100-6 3 3 0 000 6zM7 22c0-3 2-5 5-5s5 2 5 5",
  key: "M14.5 9.5a5 5 0 10-4 4L12 15h2v2h2v2h3v-3z M7.5 8.5h.01",
  monitor: "M3 4h18v12H3zM8 20h8M12 16v4",
  shield: "M12 2l8 3v6c0 5-3.5 9-8 11-4.5-2-8-6-8-11V5z",
  book: "M4 4h12a3 3 0 013 3v13H7a3 3 0 01-3-3zM4 17a3 3 0 013-3h12",
  disk: "M4 4h16v16H4zM12 15a4 4 0 100-8 4 4 0 000 8zM17 17h.01",
  pool: "M12 3c4.4 0 8 1.3 8 3s-3.6 3-8 3-8-1.3-8-3 3.600-3 8-3zM4 6v6c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12v6c0 1.700 3.600 3 8 3s8-1.300 8-3v-6",
  folder: "M3 6h6l2 3h10v11H3z",
  camera: "M4 7h4l2-3h4l2 3h4v12H4zM12 16a3.500 3.500 0 100-7 3.500 3.500 0 000 7z",
  clock: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3.500 2",
  share: "M7 14.500a3 3 0 100-5 3 3 0 000 5zM17 8a3 3 0 100-6 3 3 0 000 6zM17 22a3 3 0 100-6 3 3 0 000 6zM9 10.500l5.500-3.500M9 13.500l5.500 3.500",
  gear: "M12 15.500a3.500 3.500 0 100-7 3.500 3.500 0 000 7zM19 12l2-1-1-3-2.300.300-1.200-1.500.800-2.100-2.800-1.400-1.500 1.700h-2L9.500 3.300 6.700 4.700l.800 2.100-1.200 1.500L4 8l-1 3 2 1-2 1 1 3 2.300-.300 1.200 1.500-.800 2.100 2.800 1.400 1.500-1.700h2l1.500 1.700 2.800-1.400-.800-2.100 1.200-1.500L20 16l1-3z",
  play: "M7 4l13 8-13 8z",
  list: "M8 6h13M8 12h13M8 18h13M3 6h.01M3 12h.01M3 18h.01",
  plug: "M9 2v6M15 2v6M6 8h12v4a6 6 0 01-12 0zM12 18v4",
  cube: "M12 2l9 5v10l-9 5-9-5V7zM3 7l9 5 9-5M12 12v10",
  palette: "M12 3a9 9 0 100 18c2 0 2-1.500 1.500-2.500-.800-1.500.300-3 2-3H18a3 3 0 003-3C21 7 17 3 12 3zM7.500 12h.01M9.500 7.500h.01M14.500 7.500h.01",
  info: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 11v5M12 8h.01",
  plus: "M12 5v14M5 12h14",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 13l4.500 4.500L19 7",
  alert: "M12 3l10 18H2zM12 10v5M12 18h.01",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  search: "M11 18a7 7 0 100-14 7 7 0 000 14zM16 16l5 5",
  menu: "M4 6h16M4 12h16M4 18h16",
  out: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h10",
  sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
  moon: "M20 14A8.500 8.500 0 1110 4a7 7 0 0010 10z",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  down: "M6 9l6 6 6-6",
  eye: "M2 12s3.500-7 10-7 10 7 10 7-3.500 7-10 7-10-7-10-7zM12 15a3 3 0 100-6 3 3 0 000 6z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  refresh: "M20 12a8 8 0 11-2.500-5.800M20 3v4h-4",
  print: "M7 8V3h10v5M5 17H3V8h18v9h-2M7 14h10v7H7z",
  globe: "M12 21a9 9 0 100-18 9 9 0 000 18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  wand: "M4 20L15 9M14 4v3M12.500 5.500h3M19 9v3M17.500 10.500h3M18 3v2M17 4h2",
  network: "M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4",
};

export function Icon({ name, size = 20 }: { name: string; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name] ?? paths["cube"]!} />
    </svg>
  );
}

export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" />
      <path d="M6 8h20v6q0 8-10 12Q6 22 6 14zM12.7 8v16.200M19.300 8v16.200" />
    </svg>
  );
}
