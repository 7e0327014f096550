import type { Translation, TranslatedReasons } from "../catalogue.ts";
import type { schemaReasons as englishReasons, schemas as english } from "../english/schemas.ts";

export const schemas: Translation<typeof english> = {
  unusableSchema: (subject, pointer, reason) => ({
    message: `${subject}は使えません。${pointer} で、${reason}。`,
    hint: "スキーマを修正してください。モデルはまだ呼び出されていません。",
  }),
  outputCutByMaxTokens: () => ({
    message: "JSON が完成する前に、回答が max_tokens の上限で打ち切られました。",
    hint: "maxTokens で上限を増やしてください。",
  }),
  outputCutByContext: () => ({
    message: "回答の JSON が完成する前に、コンテキストがいっぱいになりました。",
    hint: "会話を短くするか、より大きな --context でサーバーを起動してください。",
  }),
};

export const schemaReasons: TranslatedReasons<typeof englishReasons> = {
  answerSchema: () => "回答のスキーマ",
  toolSchema: (tool) => `ツール「${tool}」のスキーマ`,
  checkSchema: () => "json チェックのスキーマ",
  schemaEmptyList: (keyword) => `「${keyword}」が空のリストです`,
  schemaWrongValue: (keyword) => `「${keyword}」の値が JSON Schema で許されていません`,
  schemaBadPattern: (keyword, pattern) => `「${keyword}」が正規表現ではありません (${pattern})`,
  schemaDangling: (keyword, target) => `「${keyword}」の参照先 ${target} がありません`,
  schemaCycle: (target) => `「$ref」の参照先 ${target} が自分自身に戻り、終わりがありません`,
  schemaNothing: (one, other) => `「${one}」と「${other}」を同時に満たす値がありません`,
  schemaImpossible: (keyword) => `「${keyword}」を満たす値がありません`,
  schemaUnsupported: (keyword) => `「${keyword}」には対応していません`,
  schemaNotSchema: () => "スキーマがオブジェクト、true、false のいずれでもありません",
  schemaNoObject: () => "「type」がオブジェクトを許していません",
  schemaTooLarge: () => "スキーマが大きすぎます",
};
