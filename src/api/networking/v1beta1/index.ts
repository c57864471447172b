export { IPAddress, IPAddressSchema } from "./iPAddress.ts";
export { ServiceCIDR, ServiceCIDRSchema } from "./serviceCIDR.ts";
