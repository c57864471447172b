export {
  APIService,
  APIServiceCondition,
  APIServiceSchema,
  APIServiceSpec,
  APIServiceStatus,
  ServiceReference,
} from "./apiService.ts";
