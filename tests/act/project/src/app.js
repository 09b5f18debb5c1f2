console.log("Hello");
const typed = process.argv[2];
console.log(Number(typed));
