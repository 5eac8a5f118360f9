// download.mjs METADATA_FOLDER METADATA_URL TARGET_FOLDER TARGET_URL PATH...: what tuf-js makes of a repository. The metadata
// folder holds root.json to begin with. Prints where each target lies.
import { Updater } from 'tuf-js';

const [metadataDir, metadataBaseUrl, targetDir, targetBaseUrl, ...paths] = process.argv.slice(2);
const updater = new Updater({ metadataDir, metadataBaseUrl, targetDir, targetBaseUrl });
await updater.refresh();
for (const path of paths) {
  const target = await updater.getTargetInfo(path);
  if (!target) throw new Error(`${path}: no such target`);
  console.log(await updater.downloadTarget(target));
}
