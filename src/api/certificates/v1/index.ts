export { CertificateSigningRequest, CertificateSigningRequestSchema } from "./certificateSigningRequest.ts";
export * from "./certificateSigningRequestMessages.ts";
export { validateCertificateSigningRequestApproval } from "./certificateSigningRequestValidation.ts";
