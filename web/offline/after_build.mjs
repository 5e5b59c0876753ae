// @ts-check
// What follows a build, in this order: the list of files is the last to be written. Trunk would run several hooks at once.

import "./date.mjs";
import "../model_page/write.mjs";
import "./write.mjs";
