/** Command lines with a secret at `§`, as people and agents write them. Secrets are drawn when a test runs. */
export const SECRET_COMMANDS: readonly string[] = String.raw`
tool --pass § --verbose
tool --pass=§ run
tool --pw § run
tool --pw=§
tool --password § x
tool --passwd=§ x
tool --db-password='§' x
tool --admin-pass "§" x
tool --token § x
tool --api-key=§ x
tool --client-secret § x
curl -u bob:§ https://example.com/a
curl --user bob:§ https://example.com/a
curl -ubob:§ https://example.com/a
curl --user=bob:§ https://example.com/a
curl -sS -u 'bob:§' -o out.json https://example.com/a
curl --proxy-user u:§ https://example.com
curl --proxy-user=u:§ https://example.com
curl -U u:§ -x proxy:3128 https://example.com
curl -b sid=§ https://example.com
curl -b "sid=§; theme=dark" https://example.com
curl --cookie sid=§ https://example.com
curl --cookie 'sid=§' https://example.com
curl --oauth2-bearer § https://example.com
curl -E client.pem:§ https://example.com
curl --pass § --cert c.pem https://example.com
curl -H "Authorization: Bearer §" https://example.com
curl -H 'X-Api-Key: §1' https://example.com
http -a bob:§ GET example.com/x
http --auth=bob:§ example.com/x
xh -a bob:§ example.com/x
wget --user bob --password § https://example.com/f
wget --user=bob --password=§ https://example.com/f
wget --http-user=bob --http-password=§ https://example.com/f
wget --ftp-password=§ ftp://example.com/f
wget --proxy-password=§ https://example.com/f
aria2c --http-user=bob --http-passwd=§ https://example.com/f
lftp -u bob,§ sftp://example.com
lftp -u "bob,§" -e "mirror a b; quit" example.com
ncftpput -u bob -p § example.com /pub file
sshpass -p § ssh bob@example.com uptime
sshpass -p§ scp a bob@example.com:
sshpass -p '§' ssh -p 2222 bob@example.com
plink -pw § bob@example.com uptime
pscp -pw § a.txt bob@example.com:
git -c http.extraheader="AUTHORIZATION: bearer §" fetch
git -c http.extraHeader='Authorization: Basic §12345' clone https://example.com/a.git
git clone https://bob:§@example.com/a.git
git clone https://oauth2:§@gitlab.example.com/a.git
git remote set-url origin https://bob:§@example.com/a.git
git config credential.helper '!f() { echo username=bob; echo password=§; }; f'
svn co --username bob --password § https://example.com/r
hg --config auth.x.password=§ pull
mysql -u root -p§ shop
mysql -uroot -p'§' -h db shop -e "select 1"
mysql --user=root --password=§ shop
mysqldump -u root -p§ --all-databases
mysqladmin -u root password §
mariadb -u app -p§ -P 3306 shop
docker exec -it db mysql -uroot -p§ shop
kubectl exec db-0 -- mysql -uroot -p§ -e "show tables"
psql postgresql://bob:§@db.example.com:5432/shop
psql "host=db user=bob password=§ dbname=shop"
PGPASSWORD=§ psql -h db -U bob shop
MYSQL_PWD=§ mysql -u root shop
env PGPASSWORD=§ pg_dump -h db shop
export DATABASE_PASSWORD=§
mongo -u admin -p § --authenticationDatabase admin
mongosh "mongodb://admin:§@db:27017/shop"
mongodump -u admin -p=§ --out dump
mongodump --username admin --password § --out dump
sqlcmd -S db -U sa -P § -Q "select 1"
sqlcmd -S db -U sa -P§ -Q "select 1"
bcp shop.dbo.t out t.dat -S db -U sa -P §
sqlplus scott/§@orcl
sqlplus -S scott/"§"@//db:1521/orcl @script.sql
expdp scott/§ directory=dumps
redis-cli -a § ping
redis-cli -h cache -p 6379 -a § --no-auth-warning info
redis-cli --pass § ping
redis-cli AUTH §
redis-cli CONFIG SET requirepass §
valkey-cli -a § ping
etcdctl --user root:§ get /x
rabbitmqctl add_user bob §
rabbitmqctl change_password bob §
influx -username admin -password § -database x
influx query -t § 'from(bucket: "b")'
mosquitto_pub -h broker -u bob -P § -t x -m y
ldapsearch -x -D cn=admin,dc=example -w § -b dc=example
ldapsearch -xw § -D cn=admin,dc=example
ldapadd -x -D cn=admin -w§ -f a.ldif
ldappasswd -x -D cn=admin -w § -s § uid=bob
snmpwalk -v3 -l authPriv -u bob -a SHA -A § -x AES -X § host 1.3.6
snmpget -v2c -c § host sysDescr.0
smbclient //server/share -U bob%§ -c ls
smbclient -U 'bob%§' //server/share
rpcclient -U bob%§ server
mount -t cifs //server/share /mnt -o user=bob,password=§,vers=3.0
mount -t cifs //server/share /mnt -o username=bob,pass=§
mount.cifs //server/share /mnt -o password=§,uid=1000
xfreerdp /u:bob /p:§ /v:server
xfreerdp /u:bob /p:'§' /v:server
rdesktop -u bob -p § server
psexec \\server -u bob -p § cmd
cmdkey /add:server /user:bob /pass:§
schtasks /create /tn x /tr y /ru bob /rp §
net user bob § /add
nmcli dev wifi connect Home password §
nmcli connection modify Home wifi-sec.psk §
wpa_passphrase Home §
kadmin -p admin/admin -w § -q listprincs
samba-tool user create bob §
samba-tool user setpassword bob --newpassword=§
useradd -m -p § bob
usermod -p § bob
htpasswd -b .htpasswd bob §
htpasswd -bc .htpasswd bob §
htpasswd -nb bob §
openssl enc -aes-256-cbc -salt -in a -out b -k §
openssl enc -d -aes-256-cbc -in b -out a -pass pass:§
openssl rsa -in key.pem -passin pass:§ -out plain.pem
openssl pkcs12 -export -in c.pem -out c.p12 -passout pass:§
openssl pkcs12 -in c.p12 -password pass:§ -nodes
openssl enc -aes-128-cbc -K § -iv 0 -in a
openssl passwd -6 §
keytool -list -keystore a.jks -storepass §
keytool -genkeypair -keystore a.jks -storepass § -keypass §
jarsigner -keystore a.jks -storepass § app.jar alias
apksigner sign --ks a.jks --ks-pass pass:§ app.apk
gpg --batch --yes --passphrase § -c file
gpg --batch --passphrase=§ -d file.gpg
gpg2 --pinentry-mode loopback --passphrase '§' -d file.gpg
ssh-keygen -t ed25519 -N § -f key
ssh-keygen -p -P § -N § -f key
7z a -p§ out.7z dir
7z x -p§ out.7z
7za a -p"§" -mhe=on out.7z dir
rar a -hp§ out.rar dir
unrar x -p§ out.rar
zip -P § out.zip file
zip -erP § out.zip dir
unzip -P § out.zip
qpdf --password=§ --decrypt a.pdf b.pdf
pdftk a.pdf output b.pdf user_pw §
pdftotext -upw § a.pdf
security unlock-keychain -p § login.keychain
security import c.p12 -k login.keychain -P § -A
security add-generic-password -a bob -s svc -w §
xcrun altool --upload-app -f a.ipa -u bob -p §
ansible-playbook site.yml -e ansible_become_pass=§
ansible all -m ping -e "ansible_ssh_pass=§ ansible_user=bob"
ansible-playbook site.yml --extra-vars "db_password=§"
ansible-vault encrypt_string § --name db_password
docker login -u bob -p § registry.example.com
docker login -u bob --password § registry.example.com
docker login -u bob --password=§
podman login -p § -u bob quay.example.com
skopeo copy --src-creds bob:§ docker://a docker://b
docker run -e MYSQL_ROOT_PASSWORD=§ -p 3306:3306 mysql:8
docker run --env POSTGRES_PASSWORD=§ postgres
docker build --build-arg NPM_TOKEN=§ .
helm install shop ./chart --set password=§
helm install shop ./chart --set auth.rootPassword=§,replicas=2
helm upgrade shop ./chart --set-string db.password=§
helm repo add x https://example.com --username bob --password §
helm registry login -u bob -p § example.com
kubectl create secret generic db --from-literal=k=§
kubectl create secret generic db --from-literal=user=bob --from-literal=pass=§
kubectl create secret docker-registry r --docker-username=bob --docker-password=§
kubectl config set-credentials bob --token=§
oc login -u bob -p § https://api.example.com
az login --service-principal -u app -p § --tenant t
az sql server create -n s -g g -u bob -p §
az keyvault secret set --vault-name v --name n --value §
aws configure set aws_secret_access_key §
aws configure set aws_session_token § --profile x
aws secretsmanager create-secret --name n --secret-string §
aws ssm put-parameter --name n --type SecureString --value §
AWS_SECRET_ACCESS_KEY=§ aws s3 ls
vault login §
vault login -method=userpass username=bob password=§
vault kv put secret/db value=§
VAULT_TOKEN=§ vault read secret/x
npm config set //registry.npmjs.org/:_authToken §
npm config set //registry.npmjs.org/:_authToken=§
npm publish --otp 1 --//registry.npmjs.org/:_authToken=§
twine upload -u bob -p § dist/*
poetry publish -u bob -p §
poetry config pypi-token.pypi §
cargo login §
nuget setapikey § -source x
dotnet nuget push a.nupkg -k § -s x
dotnet user-secrets set Db:Secret §
mvn deploy -Dpassword=§
mvn sonar:sonar -Dsonar.login=§
gradle publish -Ppassword=§
java -Djavax.net.ssl.keyStorePassword=§ -jar a.jar
java -jar jenkins-cli.jar -s http://ci -auth bob:§ build x
terraform apply -var db_password=§
terraform apply -var="admin_password=§"
pulumi config set --secret dbPassword §
heroku config:set SECRET=§ -a shop
fly secrets set KEY=§
gh secret set DEPLOY --body §
rclone obscure §
rclone config create box sftp host example.com user bob pass §
restic -r rest:https://bob:§@backup.example.com/ backup /data
RESTIC_PASSWORD=§ restic backup /data
restic --password-command "echo §" backup /data
BORG_PASSPHRASE=§ borg create repo::a /data
BORG_PASSCOMMAND='echo §' borg list repo
mc alias set box https://s3.example.com bob §
ngrok authtoken §
tailscale up --authkey §
bw unlock §
ab -n 10 -A bob:§ https://example.com/
sqlmap -u https://example.com --auth-type Basic --auth-cred bob:§
hydra -l bob -p § ssh://example.com
x11vnc -passwd § -display :0
ipmitool -H bmc -U admin -P § power status
wp user create bob b@example.com --user_pass=§
kcat -b broker -X sasl.password=§ -L
echo § | sudo -S apt-get update
echo '§' | sudo -S -p '' whoami
echo "§" | sudo --stdin true
printf '%s\n' § | sudo -S true
echo -n § | docker login -u bob --password-stdin
echo § | gh auth login --with-token
echo § | gpg --batch --passphrase-fd 0 -d f.gpg
echo bob:§ | chpasswd
echo "bob:§" | sudo chpasswd
printf "bob:§" | chpasswd
echo -e "§\n§" | passwd bob
echo § | passwd --stdin bob
echo § | cryptsetup luksOpen /dev/sdb1 x
echo § | kinit bob
echo § | pass insert -e site
echo § | gh secret set DEPLOY
echo § | openssl rsa -in k.pem -passin stdin
sudo -S true <<< §
gh auth login --with-token <<< "§"
claude -p "my password is § please log in"
claude -p "My password is §."
claude -p "the password for the database is §"
claude -p "log in with pw: §"
claude -p "password: §"
claude -p "user bob, password: § and then run the tests"
claude -p "use the API key §"
claude -p "use the api key § for all requests"
claude -p "Use my token §"
claude -p "log in as bob with password §"
claude -p "log in as bob with the passphrase '§'"
codex exec "the passphrase is §, the host is db"
codex exec "our API key is §, keep it"
gemini -p "pin is §"
`
  .trim()
  .split('\n');

/** Commands over several lines. */
export const SECRET_SCRIPTS: readonly string[] = [
  'gh auth login --with-token <<EOF\n§\nEOF\n',
  "sudo -S true <<'END'\n§\nEND",
  'chpasswd <<EOF\nbob:§\nalice:§\nEOF\necho done',
  'docker login -u bob --password-stdin <<EOF\n§\nEOF',
  'curl -sS \\\n  -u bob:§ \\\n  https://example.com',
  'set -e\nmysql -u root -p§ shop < dump.sql\nls',
  'cd /srv && mysqldump -p§ shop > dump.sql; ls',
  'for i in 1 2; do redis-cli -a § ping; done',
  '(sshpass -p § ssh bob@host uptime)',
];
