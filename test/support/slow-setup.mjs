import setUpLiveTests from "../live/global-setup.mjs";

/** What the live tests need, and the sign for tests that have a small size and a full one. */
export default async function setUpSlowTests() {
  process.env.GPT_OSS_TEST_FULL_SIZE = "1";
  await setUpLiveTests();
}
