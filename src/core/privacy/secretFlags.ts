/**
 * Where programs take their secrets on a command line, as far as the flag's name does not say so by itself: `-p` is a
 * password of mysql, a port of ssh and of docker run, and parents of mkdir.
 *
 * A place is written as
 *   `-p`      the word after the flag, or what stands behind `-p=`
 *   `-p*`     the same, or what is attached to it (`-psecret`)
 *   `-p.`     attached to it only; the next word is something else
 *   `-P+`     the same as `*`, and also at the end of letters that stand together (`-erP secret`)
 *   `^2`      the second of the words that follow the program before any flag; `@2` counts past flags
 *   `@last`   the last word
 *   `@*=`     what stands behind the `=` of every `NAME=value`
 *   `auth>`   every word that follows this word; `psk?` the one that follows a word that ends so
 *   `^^`      the flags end where another command begins
 *   `/p:<`    the rest of a word that begins so
 * and ends with how the secret stands in the value: `:` `%` `,` `/` behind the first of these (`user:secret`), `=` behind
 * the name of a pair, `~` behind `pass:`, `!` what a command says.
 */
type Row = readonly [commands: string, places: string];

/** Commands are separated by `|`; the words after a program must stand in the same command. */
const ROWS: readonly Row[] = [
  // transfer
  ['curl', '-u*: --user: -U*: --proxy-user: -b*= --cookie= -E: --cert: --pass --proxy-pass --oauth2-bearer'],
  ['http|https|xh', '-a: --auth:'],
  ['wget|aria2c|axel', '--http-passwd --ftp-passwd'],
  ['lftp', '-u*,'],
  ['ncftp|ncftpget|ncftpput|rdesktop', '-p*'],
  ['plink|pscp|psftp', '-pw'],
  ['sshpass', '-p* ^^'],
  ['smbclient|rpcclient|smbget|smbcacls|winexe', '-U*% --user%'],
  ['ssh-keygen', '-N* -P*'],
  ['xfreerdp|xfreerdp3|wlfreerdp|sdl-freerdp', '/p:< /gp:< -p'],
  ['cmdkey', '/pass:<'],
  ['wmic', '/password:<'],
  ['schtasks', '/rp /p'],
  ['signtool', '/p'],
  ['psexec|PsExec|psexec64|winrs', '-p -p:<'],
  ['ab', '-A: -P:'],
  ['hey', '-a:'],
  ['sqlmap', '--auth-cred:'],
  ['hydra|medusa|smbmap|evil-winrm|crackmapexec|nxc|netexec|gobuster', '-p'],
  ['swaks|sendemail|sendEmail', '-ap -xp'],
  ['openfortivpn|couchbase-cli|cqlsh|cypher-shell|rabbitmqadmin|steghide|mutool|veracrypt', '-p'],
  // databases
  ['mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlcheck|mysqlbinlog|mysqlsh|mycli', '-p. password?'],
  ['mariadb|mariadb-dump|mariadb-admin|xtrabackup', '-p. password?'],
  ['mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|mongostat|mongotop|mongofiles', '-p*'],
  ['sqlcmd|bcp|isql|osql|tsql|fisql', '-P*'],
  ['sqlplus|expdp|impdp|rman|sqlldr', '@1/'],
  ['redis-cli|valkey-cli|keydb-cli|redis-benchmark', '-a --pass auth> requirepass? masterauth?'],
  ['etcdctl', '--user:'],
  ['rabbitmqctl add_user|rabbitmqctl change_password', '^3'],
  ['influx', '-t -password'],
  ['security import|mosquitto_pub|mosquitto_sub|mqttx|p4|ipmitool|knife', '-P'],
  // directories, networks, accounts
  ['ldapsearch|ldapmodify|ldapadd|ldapdelete|ldapwhoami|ldapcompare|ldapmodrdn|ldapexop', '-w+'],
  ['ldappasswd', '-w+ -s* -a*'],
  ['snmpwalk|snmpget|snmpset|snmpbulkwalk|snmpbulkget|snmpgetnext|snmptable|snmpstatus|snmptrap', '-A* -X* -c*'],
  ['nmcli|wpa_cli', 'password? psk? wep-key0?'],
  ['wpa_passphrase', '^2'],
  ['iwconfig', 'key?'],
  ['kadmin|kadmin.local', '-w -pw'],
  ['samba-tool user', '^4'],
  ['net user', '^3'],
  ['useradd|usermod', '-p'],
  ['htpasswd -b|htdbm -b', '@last'],
  // archives, keys, documents
  ['7z|7za|7zr|7zz|rar|unrar', '-p. -hp.'],
  ['zip|unzip|zipcloak', '-P+'],
  ['openssl', '-passin~ -passout~ -pass~ -password~ -k -K'],
  ['openssl passwd', '@last'],
  ['keytool|jarsigner', '-storepass -keypass -srcstorepass -deststorepass -srckeypass -destkeypass -new'],
  ['apksigner', '--ks-pass~ --key-pass~'],
  ['ccrypt', '-K'],
  ['mcrypt', '-k'],
  ['pdftk', 'user_pw? owner_pw? input_pw?'],
  ['pdftotext|pdfinfo|pdftoppm|pdfimages', '-upw -opw'],
  ['security unlock-keychain|security create-keychain', '-p'],
  ['security add-generic-password|security add-internet-password', '-w'],
  ['security set-key-partition-list', '-k'],
  ['altool|notarytool', '-p'],
  ['ansible-vault encrypt_string', '^2'],
  // registries
  ['docker login|podman login|nerdctl login|buildah login|crane login|oras login|helm login', '-p*'],
  ['skopeo|podman|buildah', '--creds: --src-creds: --dest-creds:'],
  ['skopeo login', '-p'],
  ['twine|poetry publish|uv publish', '-p'],
  ['poetry config', 'pypi?'],
  ['cargo login|snyk auth|nuget setapikey', '^2'],
  ['dotnet nuget|choco', '-k'],
  ['dotnet user-secrets set', '^4'],
  ['npm|yarn|pnpm', '_authtoken? _auth? _password?'],
  // clouds and their tools
  ['az login|az acr|az sql|az mysql|az postgres', '-p'],
  ['az keyvault|aws put-parameter', '--value'],
  ['aws', '--secret-string aws_secret_access_key? aws_access_key_id? aws_session_token?'],
  ['vault login', '^2'],
  ['vault kv put|vault kv patch', '@*='],
  ['kubectl|oc', '--from-literal='],
  ['oc login|cf login|ibmcloud login', '-p*'],
  ['cf auth', '^3'],
  ['glab login|doctl auth', '-t'],
  ['gh secret set', '-b --body'],
  ['heroku config:set|heroku config:add|fly secrets set|flyctl secrets set|supabase secrets set', '@*='],
  ['doppler secrets set|travis encrypt', '@*='],
  ['pulumi config set --secret', '@4'],
  ['mc alias set', '^5 ^6'],
  ['b2 authorize-account', '^3'],
  ['rclone obscure', '^2'],
  ['rclone config', 'pass? password? secret_access_key?'],
  ['restic|rustic|autorestic', '--password-command!'],
  ['ngrok authtoken', '^2'],
  ['ngrok config', '@3'],
  ['cloudflared service', '^3'],
  ['bw unlock', '^2'],
  ['bw login', '^3'],
  ['netlify', '--auth'],
  ['java|jenkins-cli', '-auth:'],
  ['sonar-scanner|mvn', '-Dsonar.login=<'],
];

/** Whether a secret stands behind the flag's letters, in the next word, or both. */
export interface FlagForm {
  readonly isAttached: boolean;
  readonly isNext: boolean;
  readonly isClustered: boolean;
  readonly within: string;
}

export interface SecretPlaces {
  /** Words that must stand in the same command; of a flag, its letter among others too (`-nb`). */
  readonly needs: readonly string[];
  readonly flags: ReadonlyMap<string, FlagForm>;
  readonly prefixes: readonly string[];
  /** Whether its flags end where another command begins. */
  readonly isWrapper: boolean;
  /** Counted from 1 behind the program. */
  readonly positions: readonly {
    readonly at: number | 'last' | 'pairs';
    readonly stops: boolean;
    readonly within: string;
  }[];
  readonly words: readonly { readonly word: string; readonly isAll: boolean }[];
}

function placesOf(text: string, needs: readonly string[]): SecretPlaces {
  const flags = new Map<string, FlagForm>();
  const prefixes: string[] = [];
  const positions: { at: number | 'last' | 'pairs'; stops: boolean; within: string }[] = [];
  const words: { word: string; isAll: boolean }[] = [];
  let isWrapper = false;
  for (const place of text.split(' ')) {
    const position = /^([@^])(\d|last|\*)(.?)$/.exec(place);
    if (place === '^^') isWrapper = true;
    else if (position !== null) {
      const [, sign, at = '', within = ''] = position;
      positions.push({
        at: at === 'last' ? at : at === '*' ? 'pairs' : Number(at),
        stops: sign === '^',
        within,
      });
    } else if (place.endsWith('<')) prefixes.push(place.slice(0, -1));
    else if (/[>?]$/.test(place)) words.push({ word: place.slice(0, -1), isAll: place.endsWith('>') });
    else {
      const [, flag = place, form = '', within = ''] = /^(.*?)([*.+]?)([:%,=~!]?)$/.exec(place) ?? [];
      flags.set(flag, { isAttached: form !== '', isNext: form !== '.', isClustered: form === '+', within });
    }
  }
  return { needs, flags, prefixes, isWrapper, positions, words };
}

/** By the program's name. */
export const SECRET_PLACES: ReadonlyMap<string, readonly SecretPlaces[]> = tabled();

function tabled(): ReadonlyMap<string, readonly SecretPlaces[]> {
  const table = new Map<string, SecretPlaces[]>();
  for (const [commands, places] of ROWS) {
    for (const command of commands.split('|')) {
      const [program = '', ...needs] = command.split(' ');
      table.set(program, [...(table.get(program) ?? []), placesOf(places, needs)]);
    }
  }
  return table;
}
