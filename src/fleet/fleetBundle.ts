/** What `dist/fleet.js` holds: ClickHouse's client and the writer of Parquet, which few need. */
import { askClickHouse, setUpClickHouse } from './askClickHouse.ts';
import { askDuckDb } from './askDuckDb.ts';
import { parquetFiles } from './parquetFiles.ts';
import { readQuestion, readViews } from './questions.ts';
import { sessionRows } from './sessionRows.ts';

export { askClickHouse, askDuckDb, parquetFiles, readQuestion, readViews, sessionRows, setUpClickHouse };
