/** Command lines without a secret, among them everything that looks like one: flags that are secret with another program. */
const LINES = String.raw`
mkdir -p build/out
mkdir -p -m 700 /tmp/x
cp -p a b
cp -rp src dst
tar -xpf a.tar
tar -cpzf a.tgz --exclude=node_modules .
ps -p 1
ps -p 1 -o comm=
ps -ef
ssh -p 22 bob@host
ssh -p 2222 -i ~/.ssh/id_ed25519 bob@host uptime
ssh -A -X bob@host
ssh -o StrictHostKeyChecking=no bob@host
ssh -o PasswordAuthentication=no bob@host
scp -P 2222 a bob@host:
scp -p a b
sftp -P 22 bob@host
rsync -avzP a/ b/
rsync -e "ssh -p 2222" a/ b@host:
rsync --password-file=/etc/rsync.pw a/ rsync://host/m
git log -p
git log -p -2 -- src/core
git add -p
git stash push -p
git commit -m "fix the password reset form"
git commit -am "add token bucket"
git commit -m "use the API key from the vault"
git commit -m "password: hide it while typing"
git checkout -b feature/password-reset
git push -u origin main
git branch -u origin/main
git rev-parse HEAD
git grep -n token
git grep -P "\bpass\b"
git config user.name
git config --global credential.helper store
git config --get-regexp ^remote
git clone https://github.com/a/b.git
git clone git@github.com:a/b.git
git clone ssh://git@host:22/a.git
git remote add origin https://gitlab.com/a/b.git
git fetch --all -p
git -c core.pager=cat log -p
git blame -w src/auth.ts
git diff --word-diff HEAD~1
git show HEAD:src/token.ts
git bisect run npm test
git cherry-pick -x 9fceb02
git rebase -i HEAD~3
git tag -a v1.2.3 -m "release"
git worktree list
docker run -p 80:80 nginx
docker run -d -p 8080:80 --name web nginx:1.27
docker run --rm -it -v $PWD:/w -w /w -u 1000:1000 node:22 npm test
docker run -e TZ=UTC -p 5432:5432 postgres:17
docker run -e NODE_ENV=production app
docker run -e API_TOKEN app
docker run -e API_TOKEN=$API_TOKEN app
docker compose up -d
docker compose -p shop up
docker compose -f a.yml -p shop logs -f
docker exec -it web sh
docker exec -u root web id
docker build -t app:1 --secret id=npm,src=.npmrc .
docker build --build-arg VERSION=1.2.3 .
docker ps -a
docker login registry.example.com
docker login -u bob --password-stdin
docker push registry.example.com/app:1
docker volume prune -f
docker inspect -f {{.State.Pid}} web
docker logs --since 10m -f web
docker cp web:/etc/passwd .
docker secret ls
docker pull mysql:8
podman run -p 8080:80 nginx
podman generate kube web
kubectl get pods -A
kubectl get secret db -o yaml
kubectl get secrets -n shop
kubectl delete secret db
kubectl apply -k overlays/prod
kubectl logs -p web-0
kubectl exec -it web-0 -- sh
kubectl port-forward svc/web 8080:80
kubectl create configmap c --from-file=a.txt
kubectl create secret generic db --from-file=ssh-privatekey=id_ed25519
kubectl create secret generic db --from-env-file=.env
kubectl auth can-i create pods
kubectl patch deploy web -p '{"spec":{"replicas":2}}'
kubectl config use-context prod
kubectl get pods -l app=web -w
oc login --web https://api.example.com
oc get pods -w
helm install shop ./chart --set replicas=2
helm install shop ./chart --set image.tag=1.2.3 -n shop
helm install shop ./chart --set auth.existingSecret=db-credentials
helm repo add bitnami https://charts.bitnami.com/bitnami
helm template . -f values.yaml
helm get values shop
grep -P "\d+" a.txt
grep -rn password src
grep -i "token" -A 3 -B 2 log.txt
grep -c secret src/a.ts
grep -rnE "password|token|secret" --include=*.ts .
grep -v "^#" /etc/passwd
grep -w pass results.txt
rg -n "api_key" -g "*.py"
rg --pre cat token
rg -p password
sort -b -k 2 a.txt
sort -k2,2 -u a.txt
sort -t: -k3 -n /etc/passwd
cut -b 1-10 a.txt
cut -d: -f1 /etc/passwd
awk -F: '{print $1}' /etc/passwd
awk -v key=name '{print key}' a.txt
sed -i s/token/key/ a.txt
sed -n -e "/password/p" a.txt
find . -name "*.pw" -print
find . -path ./node_modules -prune -o -print
find . -perm -u=w -type f
xargs -P 4 -n 1 echo
xargs -a list.txt -p rm
parallel -j 4 --pipe wc -l
curl https://example.com
curl -sSfL -o out https://example.com/a.tgz
curl -b cookies.txt -c cookies.txt https://example.com
curl --cookie cookies.txt https://example.com
curl --cookie-jar jar.txt https://example.com
curl -u bob https://example.com
curl -u "$USER:$PASSWORD" https://example.com
curl -u $USER:$TOKEN https://example.com
curl -H "Accept: application/json" https://example.com
curl -H "Authorization: Bearer $TOKEN" https://example.com
curl -X POST -d @body.json https://example.com
curl -d name=bob https://example.com
curl -k -p https://example.com
curl -E client.pem https://example.com
curl -x proxy:3128 https://example.com
curl --retry 3 --max-time 10 https://example.com?page=2
curl -F file=@a.txt https://example.com
curl -n https://example.com
curl -A "Mozilla/5.0" https://example.com
curl --netrc-file ~/.netrc https://example.com
curl -w "%{http_code}" https://example.com
wget -qO- https://example.com
wget -b -P downloads https://example.com/a
wget --user-agent=x -p https://example.com
wget --ask-password https://example.com
http GET example.com/a
http -p hb GET example.com
mysql -u root -p
mysql -u root -p shop
mysql -u root -p -h db -P 3306 shop
mysql -e "select 1"
mysql --defaults-file=my.cnf shop
mysqldump -u root -p shop
mysqldump --port 3306 --all-databases
mysqladmin -u root -p status
mysqladmin ping -h db
mariadb -P 3306 -h db
psql -p 5432 -U bob shop
psql -h db -U bob -W shop
psql -d shop -c "select 1" -P pager=off
psql postgresql://db:5432/shop
psql postgresql://bob@db:5432/shop
psql "host=db user=bob dbname=shop"
pg_dump -Fc -p 5432 shop
pg_ctl -D data -w start
pg_isready -h db -p 5432
createdb -p 5432 shop
mongosh --port 27017
mongosh mongodb://db:27017/shop
mongodump --port 27017 --out dump
redis-cli -p 6379 ping
redis-cli -h cache -n 2 get token
redis-cli set session:1 x
redis-cli --scan --pattern "user:*"
redis-server --port 6380
sqlite3 a.db .tables
sqlcmd -S db -E -Q "select 1"
sqlplus /nolog
sqlplus / as sysdba
sqlplus @script.sql
etcdctl get /x --prefix
influx -port 8086 -database x
mosquitto_sub -h broker -p 1883 -t x
rabbitmqctl list_users
rabbitmqctl list_queues -p vhost
ldapsearch -x -W -D cn=admin -b dc=example
ldapsearch -x -H ldap://host -b dc=example uid=bob
snmpwalk -v 3 -u bob -l noAuthNoPriv host
smbclient -L server -N
smbclient -U bob //server/share
mount -t tmpfs -o size=1g tmpfs /mnt
mount -o ro,noexec /dev/sdb1 /mnt
mount -t cifs //server/share /mnt -o credentials=/etc/smb.cred,vers=3.0
umount -l /mnt
nmcli dev status
nmcli dev wifi connect Home
nmcli connection show
xfreerdp /u:bob /v:server /port:3389
rdesktop -u bob server
net user
net use
useradd -m -s /bin/bash bob
usermod -aG docker bob
passwd bob
passwd -l bob
htpasswd -c .htpasswd bob
htpasswd -v .htpasswd bob
openssl rand -hex 32
openssl rand -base64 24
openssl x509 -in c.pem -noout -text
openssl req -new -x509 -nodes -keyout k.pem -out c.pem -days 30
openssl req -newkey rsa:2048 -keyout k.pem -out r.csr -subj /CN=x
openssl s_client -connect host:443 -servername host
openssl dgst -sha256 a.txt
openssl enc -d -aes-256-cbc -pass file:pw.txt -in a
openssl enc -d -aes-256-cbc -pass env:PW -in a
openssl rsa -in k.pem -passin stdin
openssl genrsa -out k.pem 2048
openssl verify -CAfile ca.pem c.pem
keytool -list -keystore a.jks
keytool -list -storepass:env PW -keystore a.jks
keytool -genkeypair -alias a -keyalg RSA
gpg --list-keys
gpg --armor --export bob
gpg --passphrase-file pw.txt -d a.gpg
gpg -d a.gpg
gpg -k
gpg -K
gpg --verify a.sig a
ssh-keygen -t ed25519 -f key
ssh-keygen -R host
ssh-keygen -t rsa -b 4096 -N "" -f key
ssh-keygen -lf key.pub
ssh-add -l
ssh-add ~/.ssh/id_ed25519
7z a out.7z dir
7z x out.7z -oout
7z l out.7z
zip -r out.zip dir
zip -p out.zip a
zip -9 -q out.zip a
unzip -p out.zip a.txt
unzip -o out.zip -d dir
rar a out.rar dir
pdftotext -layout a.pdf
security find-certificate -a -p
security find-identity -v -p codesigning
ansible-playbook site.yml -e env=prod
ansible-playbook site.yml --ask-become-pass
ansible-playbook site.yml --vault-password-file=pw.txt
ansible-vault view group_vars/all.yml
ansible all -m ping -i hosts
az account show
az login
az webapp create -p plan -n web -g g
az group list -o table
az keyvault secret show --name n --vault-name v
aws s3 ls s3://bucket/key
aws s3 cp a s3://b/ --profile prod
aws sts get-caller-identity
aws configure list
aws configure set region eu-west-1
aws ssm get-parameter --name /a/token --with-decryption
aws secretsmanager get-secret-value --secret-id prod/db
aws lambda invoke --function-name f --payload {} out.json
aws logs tail /aws/lambda/f --since 1h
gcloud auth list
gcloud auth login
gcloud secrets list
gcloud secrets versions access latest --secret=db-password
gcloud config set project shop
vault login -method=oidc
vault status
vault read secret/x
vault kv get secret/x
vault kv list secret
terraform plan -out plan
terraform apply -auto-approve
terraform apply -var region=eu
terraform apply -var-file=prod.tfvars
pulumi config set aws:region eu-west-1
pulumi up --yes
npm ci
npm test
npm run build -- --watch
npm config set registry https://registry.npmjs.org
npm config get prefix
npm install -D typescript
npm i -P chalk
npm login
npm token list
npm run test:auth
npm exec -p cowsay -- cowsay hi
npx -p typescript tsc -p tsconfig.json
npx tsc -p .
npx tsc -b
npx playwright test -p 3000
npx eslint --fix src/auth
npx jest -t "password reset"
npx jest --testNamePattern="rejects a wrong password"
npx vitest run src/token.test.ts
yarn add -D jest
pnpm -r build
bun test --bail
deno run -A main.ts
deno task -c deno.json test
node --test --test-name-pattern="token"
node -p process.version
node -e "console.log(process.env.API_TOKEN)"
node --max-old-space-size=4096 a.js
node --env-file=.env server.js
tsc -p tsconfig.json --noEmit
python -m http.server 8000
python -c "print(1)"
python -m pytest -p no:cacheprovider -k password
python -m pytest tests/test_token.py::test_expired
python -m venv .venv
python manage.py createsuperuser --username bob
python manage.py changepassword bob
python -m pip install -r requirements.txt
pip install requests==2.32.3
pip install -e .[test]
pytest -k "token and not slow" -x -q
pytest -p xdist -n 4
uv run pytest -x
uv pip install ruff
uv publish
poetry install
poetry config virtualenvs.in-project true
poetry run pytest
ruff check --fix .
mypy -p package
black -l 100 src
twine upload dist/*
cargo test -p core
cargo build -p core --release
cargo run -p cli -- --help
cargo login
cargo clippy -- -D warnings
go test ./... -p 1 -run TestToken
go build -o bin/app ./cmd/app
go test -run "TestPassword/empty" -v
go mod tidy
mvn -P prod clean package
mvn test -Dtest=TokenTest
mvn -q -DskipTests package
gradle test --tests "*Token*"
gradle build -Penv=prod
./gradlew assemble -PbuildNumber=42
java -jar app.jar --server.port=8080
java -Xmx2g -Dfile.encoding=UTF-8 -cp a.jar Main
javap -p -c A.class
make -j 4 -k
make -p
make test TESTS=auth
cmake -B build -DCMAKE_BUILD_TYPE=Release
cmake --build build -j 4
ctest -R token --output-on-failure
gcc -p -o a a.c
ninja -C build -k 0
ffmpeg -i a.mp4 -pass 1 -f null -
ffmpeg -i a.mp4 -pass 2 -b:v 1M b.mp4
ffmpeg -i a.mp4 -c:v libx264 -crf 23 out.mp4
ffmpeg -i a -af highpass=200 b
convert a.png -resize 50% b.png
echo hello
echo hello | wc -c
echo "the password is required"
echo "no token was found" | tee log
echo y | sudo apt-get install jq
echo done | mail -s done bob
echo $PASSWORD | sudo -S true
echo "$TOKEN" | gh auth login --with-token
echo secret
printf "%s\n" a b | sort
printf "a:b" | cut -d: -f1
cat pw.txt | sudo -S true
cat token.txt | docker login -u bob --password-stdin
cat a.txt | openssl base64
cat <<EOF > a.txt
read -p "Password: " -s pw
read -rsp "Token: " t
export PATH=$PATH:/opt/bin
export EDITOR=vim LANG=C
export API_TOKEN=$(cat token.txt)
export TOKEN="$OTHER"
env -u FOO node a.js
env NODE_ENV=test npm test
FOO=bar make
CI=1 npm test
NODE_OPTIONS=--max-old-space-size=4096 npm test
sudo -S true
sudo -u postgres psql
sudo -E make install
sudo -p "Password: " true
sudo systemctl restart nginx
sudo ss -ltnp
su - bob
su -c id bob
systemctl status -l sshd
journalctl -u sshd -p err -b
journalctl -fu web
dmesg -T -w
netstat -plnt
ss -ltnp
lsof -p 1234
lsof -i :8080 -P -n
strace -p 1234 -f
gdb -p 1234
perf record -p 1234 -g
top -b -n 1 -p 1234
htop -p 1234
kill -9 1234
pkill -f "node server"
pgrep -af node
nice -n 10 make
timeout -k 1 10 make
time make
watch -n 1 date
tmux new -s work
tmux attach -t work
tmux capture-pane -p -t 0
tmux send-keys -t 0 ls Enter
screen -S x -X quit
nc -zv host 22
nc -l -p 8080
nmap -p 22,80 -A host
nmap -p- host
ping -c 1 host
dig -p 53 example.com
traceroute -p 80 host
tcpdump -i eth0 -w out.pcap port 80
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
ufw allow proto tcp from any to any port 22
patch -p1 < a.diff
patch -p0 -i a.diff
diff -u -p a b
ln -s a b
ls -la
ls -p
rm -rf build
touch -a a
chmod -R u+w a
chown -R bob:staff a
chown bob:bob /srv
du -sh --apparent-size .
df -h -P
pushd -n /tmp
less -p password a.txt
less -X a
head -c 100 a
tail -n 5 -f a.log
tee -a -p out.log
wc -l a
jq -r .token a.json
jq -e '.password == null' a.json
yq -P a.yml
column -t -s: /etc/passwd
base64 -d a.txt
sha256sum -c sums.txt
md5sum a
date +%s
crontab -l
at -f a now
gh pr create -t "Add token rotation" -b "See the issue"
gh pr view 12 --json body
gh auth login
gh auth status
gh auth token
gh secret list
gh secret set DEPLOY < token.txt
gh api repos/a/b
gh run list -b main
gh issue list -l bug
glab mr list
heroku config -a shop
heroku logs -t
heroku config:get DATABASE_URL
fly deploy -a shop
fly secrets list
netlify deploy --prod
vercel --prod
wrangler dev -p 8787
wrangler secret list
rclone copy a remote:b -P
rclone config show
rclone lsd remote:
restic snapshots
restic -r /backup --password-file pw.txt backup /data
restic -r /backup --password-command "pass show restic" snapshots
borg list repo::a
borg create -p -s repo::a /data
pass show site
pass insert site
pass ls
bw unlock
bw list items
tailscale up
tailscale status
ngrok http 8080
cloudflared tunnel list
ab -n 100 -c 10 https://example.com/
ab -p post.json -T application/json https://example.com/
hey -n 100 https://example.com
hydra -h
sonar-scanner -Dsonar.projectKey=x
etcd --listen-client-urls http://0.0.0.0:2379
adb -p
adb shell pm list packages
flutter run -d chrome
dotnet test --filter Token
dotnet run -p src/App
dotnet user-secrets list
nuget restore
choco install git -y
composer install
php -S localhost:8000
php artisan make:auth
ruby -p -e "puts 1"
bundle exec rspec -P "**/*_spec.rb"
rails s -p 3001
perl -pe s/a/b/ a
perl -p -i -e s/a/b/ a
vim -p a b
code -n .
emacs -nw a
nano -w a
zsh -c "echo hi"
bash -x script.sh
bash -c "exit 3"
sh -c 'echo $0'
expect script.exp
xdg-open https://example.com
x11vnc -display :0
vncviewer host:1
claude
claude -p "fix the failing test"
claude -p "add a password field to the login form"
claude -p "the password is never checked, fix it"
claude -p "why is the token expired"
claude -p "use the password reset flow"
claude -p "use the token bucket algorithm"
claude -p "use the API key from the environment"
claude -p "rename the secret variable"
claude -p "make the password field wider"
claude -p "explain how the API key is stored"
claude -p "the token is invalid after a restart"
claude -p "write tests for username and password validation"
claude -p "log in with username and password authentication"
claude -p "the secret is in the vault"
claude -p "password: should be masked"
claude -p "the passphrase is wrong"
claude -p "my password is not accepted"
claude -p "our API key is missing"
claude -p "count the tokens" --output-format json
claude --dangerously-skip-permissions -p "run npm test"
claude -p hi --max-turns 3 --model sonnet
claude --resume 3f2504e0-4f89-41d3-9a0c-0305e82c3301
codex exec "refactor auth.ts"
codex exec --full-auto "token counting is off by one"
codex -m o4 -a never exec "tidy up"
gemini -p "what does -p do"
gemini --yolo -p "list files"
aider --model x --no-auto-commits a.py
opencode run "add passwordless login"
cursor-agent -p "what is a pass-through"
session-diagnostics run -- claude -p hi
`
  .trim()
  .split('\n');

/** The flags most often taken for secrets, with programs that mean something else by them. */
const HARMLESS_FLAGS: readonly (readonly [programs: string, rest: string])[] = [
  ['serve http-server live-server vite next nuxt webpack-dev-server json-server uvicorn caddy', '-p 8080'],
  ['rustc clang g++ ld strip objdump', '-a file.o'],
  ['nl fold cat tac rev hexdump xxd', '-b a.txt'],
  ['journalctl loginctl machinectl systemctl', '-p Id'],
  ['column less man bat tree watchexec entr', '-P a'],
  ['ls who w mount lsblk blkid swapon', '-a'],
];

export const ORDINARY_COMMANDS: readonly string[] = [
  ...LINES,
  ...HARMLESS_FLAGS.flatMap(([programs, rest]) => programs.split(' ').map((program) => `${program} ${rest}`)),
];
