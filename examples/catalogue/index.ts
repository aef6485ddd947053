import { declareCatalogue } from "./catalogue";

export const urls = declareCatalogue();
