import { lastingRow } from "./row.js";

/** What goes wrong with uploads and imports of other registries' files. */
export const importErrors = {
  "upload-invalid": lastingRow(
    400,
    "The upload is not a form with one file",
    "Send `multipart/form-data` with the fields that the reference names, and one file, in UTF-8.",
  ),
  "upload-too-large": lastingRow(413, "The file is too large", "Split the file; the limit is in `detail`."),
  "import-encoding-invalid": lastingRow(
    422,
    "The file is neither UTF-8 nor Windows-1252, or not what it was declared to be",
    "Save the file as UTF-8, or declare its encoding.",
  ),
  "import-layout-unknown": lastingRow(
    422,
    "The file's header is none of the registry's layouts",
    "Give the registry's own export, with its header; `detail` names the columns that are missing.",
  ),
  "import-file-invalid": lastingRow(
    422,
    "The file cannot be read as CSV",
    "Correct the line that `detail` names: quotes must be closed, and there must be rows.",
  ),
  "import-refused": lastingRow(
    422,
    "Rows of the file cannot be taken, so none was",
    "Read the rows with `refused=true`; correct the file, and import it again.",
  ),
  "import-interrupted": lastingRow(
    409,
    "The service stopped while the file was being checked; nothing was sent",
    "Upload the same file again.",
  ),
  "import-failed": lastingRow(
    409,
    "An act of the import was rejected",
    "Remove the cause that `detail` names, then upload the same file again: it goes on from there.",
  ),
  "import-under-way": lastingRow(
    409,
    "The same file is being imported on other terms",
    "Read that import; use the same owner and account, or wait until it has ended.",
  ),
  "import-not-waiting": lastingRow(
    409,
    "The import does not wait for consent",
    "Read its status: only what was checked, is no dry run, and has not begun can be consented to.",
  ),
} as const;
