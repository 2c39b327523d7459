import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor } from '../../../src/core/privacy/redact.ts';

const redactor = createRedactor({ identity: {}, secrets: [] });

/** Each program that takes a secret where nothing says so, and the places where it does: the secret is `§`. */
const PLACES = `
xh http https: -a u:§
ncftp ncftpget ncftpput rdesktop: -p § | -p§
plink pscp psftp: -pw §
smbclient rpcclient smbget smbcacls winexe: -U u%§ | -Uu%§ | --user=u%§
ssh-keygen: -N § | -P §
xfreerdp xfreerdp3 wlfreerdp sdl-freerdp: /p:§ | /gp:§ | -p §
cmdkey: /pass:§
wmic: /password:§
schtasks: /rp § | /p §
signtool: /p §
psexec PsExec psexec64 winrs: -p § | -p:§
ab: -A u:§ | -P u:§
hey: -a u:§
sqlmap: --auth-cred=u:§
hydra medusa smbmap evil-winrm crackmapexec nxc netexec gobuster: -p §
swaks sendemail sendEmail: -ap § | -xp §
openfortivpn couchbase-cli cqlsh cypher-shell rabbitmqadmin steghide mutool veracrypt: -p §
mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlbinlog mysqlsh mycli: -p§
mariadb mariadb-dump mariadb-admin xtrabackup: -p§
mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop mongofiles: -p §
sqlcmd bcp isql osql tsql fisql: -P § | -P§
sqlplus expdp impdp rman sqlldr: u/§
redis-cli valkey-cli keydb-cli redis-benchmark: -a § | --pass § | auth § | config set requirepass § | config set masterauth §
etcdctl: --user u:§
influx: -t § | -password §
mosquitto_pub mosquitto_sub mqttx p4 ipmitool knife: -P §
ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldapcompare ldapmodrdn ldapexop: -w § | -xw §
ldappasswd: -w § | -s § | -a §
snmpwalk snmpget snmpset snmpbulkwalk snmpbulkget snmpgetnext snmptable snmpstatus snmptrap: -A § | -X § | -c §
nmcli wpa_cli: x password § | x psk § | x wep-key0 §
wpa_passphrase: net §
iwconfig: eth0 key §
kadmin kadmin.local: -w § | -pw §
useradd usermod: -p §
7z 7za 7zr 7zz rar unrar: -p§ | -hp§
zip unzip zipcloak: -P § | -erP §
openssl: x -passin pass:§ | x -passout pass:§ | x -pass pass:§ | x -k § | x -K §
keytool jarsigner: -storepass § | -keypass § | -srcstorepass § | -deststorepass § | -srckeypass § | -destkeypass § | -new §
apksigner: x --ks-pass pass:§ | x --key-pass pass:§
ccrypt: -K §
mcrypt: -k §
pdftk: a.pdf user_pw § | a.pdf owner_pw § | a.pdf input_pw §
pdftotext pdfinfo pdftoppm pdfimages: -upw § | -opw §
security: unlock-keychain -p § | create-keychain -p § | add-generic-password -w § | add-internet-password -w § | set-key-partition-list -k § | import a -P §
altool notarytool: -p §
docker podman nerdctl buildah crane oras helm skopeo: login -p §
skopeo podman buildah: copy --creds u:§ | copy --src-creds u:§ | copy --dest-creds u:§
twine: upload -p §
poetry uv: publish -p §
cargo: login §
snyk: auth §
nuget: setapikey §
dotnet: nuget push -k § | user-secrets set name §
choco: push -k §
az: login -p § | acr x -p § | sql x -p § | mysql x -p § | postgres x -p §
vault: login § | kv put a b=§ | kv patch a b=§
kubectl oc: create secret generic a --from-literal=b=§
oc cf ibmcloud: login -p §
cf: auth u §
glab: auth login -t §
gh: secret set A -b § | secret set A --body §
heroku: config:set A=§ | config:add A=§
fly flyctl supabase: secrets set A=§
doppler: secrets set A=§
ngrok: authtoken §
bw: unlock § | login u §
netlify: x --auth §
java jenkins-cli: -auth u:§
sonar-scanner mvn: -Dsonar.login=§
`;

const SECRET = 'pumpkin';

test('each place of each program that takes a secret is known, and no other word of its line is taken', () => {
  const wrong: string[] = [];
  for (const row of PLACES.trim().split('\n')) {
    const [programs = '', uses = ''] = row.split(/: (.*)/s);
    for (const program of programs.split(' '))
      for (const use of uses.split(' | ')) {
        const line = `${program} ${use}`;
        const shown = redactor.credentialsOnly(line.replace('§', SECRET)).text;
        const without = shown.replace(/\[redacted:\w+\]/, '§');
        // Where the flag's name says it as well, what stands before the secret goes with it.
        if (without !== line && without !== line.replace(/\w+:§/, '§')) wrong.push(`${line} => ${shown}`);
      }
  }
  assert.deepEqual(wrong, []);
});
