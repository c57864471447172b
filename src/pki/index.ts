export { type Authority, readAuthority } from "./authority.ts";
export { createCertificate, type Issuer, type Subject } from "./certificate.ts";
export { detachedSignature, isDetachedSignature } from "./detachedSignature.ts";
export { ecKeyPair, ecKeyPairNow, type KeyPair, privateKeyPem } from "./keys.ts";
export { createSigningRequest, parseSigningRequest, type SigningRequest } from "./signingRequest.ts";
