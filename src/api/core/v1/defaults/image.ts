/**
 * The tag of an image reference: "latest" when it names neither tag nor digest, "" when it has only a digest or does
 * not parse. Grammar: [registry[:port]/]path[:tag][@digest], as the OCI distribution specification names images.
 */
export function imageTag(reference: string): string {
  const parsed = REFERENCE.exec(reference);
  if (parsed === null) return "";
  const [, name, tag, digest] = parsed;
  if (!isRepository(name!)) return "";
  return tag ?? (digest === undefined ? "latest" : "");
}

const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const DOMAIN_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^([^@]*?)(?::(\\w[\\w.-]{0,127}))?(?:@(${DIGEST}))?$`);
const REPOSITORY = new RegExp(`^(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*$`);
const LONGEST_NAME = 255;

function isRepository(name: string): boolean {
  if (name.length > LONGEST_NAME || /^[a-f0-9]{64}$/.test(name)) return false;
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:A-Z]/.test(first) || first === "localhost";
  return REPOSITORY.test(hasRegistry ? name : `docker.io/${name}`);
}

/** Pull always what may change under the same name. */
export function pullPolicyFor(image: string): string {
  return imageTag(image) === "latest" ? "Always" : "IfNotPresent";
}
