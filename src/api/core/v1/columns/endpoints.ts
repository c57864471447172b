import type { EndpointSubset } from "../endpointSubset.ts";

const MOST = 3;

/** The first few addresses with their ports, and how many there are besides. */
export function formatEndpoints(subsets: readonly EndpointSubset[] | undefined): string {
  if (!subsets?.length) return "<none>";
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  const shown = all.slice(0, MOST).join(",");
  return all.length > MOST ? `${shown} + ${all.length - MOST} more...` : shown;
}
