export { parse } from "dotenv";
