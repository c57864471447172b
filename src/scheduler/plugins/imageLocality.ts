import type { Pod } from "../../api/core/v1/index.ts";
import type { Plugin } from "../framework.ts";

const MB = 1024 * 1024;
/** Less than this to be pulled makes no difference; more than so much for each container makes none, either. */
const LEAST = 23 * MB;
const MOST = 1000 * MB;

/** Prefers nodes that have the Pod's images, the more the larger they are and the more nodes have them. */
export const imageLocality: Plugin = {
  name: "ImageLocality",
  score({ pod }, { table }) {
    const all = imagesOf(pod);
    const present = all.filter((image) => table.imageNodes(image) > 0);
    if (present.length === 0) return undefined;
    const spreads = present.map((image) => table.imageNodes(image) / table.size);
    const most = MOST * all.length;
    return (slots, out) => {
      for (let i = 0; i < slots.length; i++) {
        const images = table.images(slots[i]!);
        let sum = 0;
        for (let k = 0; k < present.length; k++) sum += Math.trunc((images.get(present[k]!) ?? 0) * spreads[k]!);
        const within = Math.min(most, Math.max(LEAST, sum));
        out[i] = Math.trunc((100 * (within - LEAST)) / (most - LEAST));
      }
    };
  },
};

function imagesOf({ spec }: Pod): string[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map(({ image = "" }) => withTag(image));
}

/** An image without a tag is its latest; a colon before the last slash is a registry's port. */
function withTag(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
}
