// The program in files; an inline program calls the same function.
Object.assign(exports, require("./declare.js")(__dirname));
