// Pictures, drawn with one pen: icons.json has their paths, in a square of 24.
import paths from "./icons.json";

export function Icon({ name, size = 20 }: { name: string; size?: number }) {
  return (
    <svg class={`icon icon-${name}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={(paths as Record<string, string>)[name] ?? paths.cube} />
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
