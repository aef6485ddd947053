import { given, type WebIdentity } from "./credentials";
import { requireVisible } from "./key";
import { problem } from "./problems";
import { decodeText, readIfThere } from "./textFile";

/** The token of a web identity as it is now. A file has the token alone or, for the Terraform provider, within JSON. */
export async function identityToken({ token }: WebIdentity): Promise<string> {
  if ("text" in token) {
    requireVisible(token.text, "the web identity token");
    return token.text;
  }
  const subject = `the file that ${token.named} names`;
  const bytes = await readIfThere(token.file, subject);
  const text = bytes && given(decodeText(bytes));
  if (!text) {
    throw problem(
      subject,
      bytes ? "has no token" : "is not there",
      `Write the token into it, or correct ${token.named}.`,
    );
  }
  const value = text.startsWith("{") ? given(withinJson(text)) : text;
  if (!value) throw problem(subject, 'is JSON without "web_identity_token"', "Write the token alone into it.");
  requireVisible(value, `the token in ${subject}`);
  return value;
}

function withinJson(text: string): string | undefined {
  try {
    const { web_identity_token: token } = JSON.parse(text) as { web_identity_token?: unknown };
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}
