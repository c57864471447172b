/** Where manifests of drivers and agents expect the kubelet's folder. */
const CUSTOMARY = "/var/lib/kubelet";

/** `path` as it is below another folder; undefined when it is not below `from`. */
function moved(path: string, from: string, to: string): string | undefined {
  if (path === from) return to;
  return path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : undefined;
}

/**
 * Several kubelets of one machine have each a folder of their own, while manifests of drivers name /var/lib/kubelet. For
 * Pods that is a name for the folder of their own node's kubelet: a hostPath below it leads there, and a driver that
 * knows only this name is told paths by it.
 */
export interface KubeletFolder {
  /** a path that a Pod or a driver names, on this machine */
  onMachine(path: string): string;
  /** what a driver that has its socket at `endpoint`, as it says itself, calls a path of this machine */
  seenBy(endpoint: string): (path: string) => string;
}

export function kubeletFolder(root: string): KubeletFolder {
  return {
    onMachine: (path) => moved(path, CUSTOMARY, root) ?? path,
    seenBy: (endpoint) => {
      const knowsRoot = moved(endpoint, CUSTOMARY, "") === undefined;
      return knowsRoot ? (path) => path : (path) => moved(path, root, CUSTOMARY) ?? path;
    },
  };
}
